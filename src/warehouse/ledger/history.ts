import { identifier } from '../../base/index.ts'
import { ledgerSchema, sourceLedgerSchema, type Warehouse } from '../warehouse.ts'

/** Seconds that one partition of each model took, over its last 50 steps. */
export async function readStepSeconds(warehouse: Warehouse): Promise<Map<string, number>> {
  const { rows } = await warehouse.query<{ model: string; seconds: number }>(
    `select model, (sum(duration_ms) / greatest(sum(hours), 1) / 1000)::float8 as seconds
from (
    select model, duration_ms, hours, row_number() over (partition by model order by ended_at desc) as n
    from ${identifier(ledgerSchema(warehouse.target))}.run_step
    where status = 'done'
) as recent
where n <= 50
group by model`,
  )
  return new Map(rows.map((row) => [row.model, row.seconds]))
}

/** One move of a version: who did it, and with what. */
export interface ChangeLine {
  readonly version: number
  readonly relation: string
  readonly hour: string
  readonly loadId: number | null
  readonly runId: string | null
  readonly rows: number
  readonly changedAt: string
}

/**
 * The moves of a relation's versions over `[fromMs, toMs)`, newest first.
 *
 * `side` says whose ledger: a source's, or this target's.
 */
export async function readChanges(
  warehouse: Warehouse,
  {
    relation,
    fromMs,
    toMs,
    side,
    limit,
  }: { relation: string; fromMs: number; toMs: number; side: 'source' | 'model'; limit: number },
): Promise<ChangeLine[]> {
  const { target } = warehouse
  const schema = identifier(side === 'source' ? sourceLedgerSchema(target) : ledgerSchema(target))
  const { rows } = await warehouse.query<{
    version: number
    hour: string
    load_id: number | null
    run_id: string | null
    rows: number
    changed_at: string
  }>(
    `select version, hour, load_id, run_id, rows, changed_at
from ${schema}.change
where relation = $1 and hour >= to_timestamp($2::float8 / 1000) and hour < to_timestamp($3::float8 / 1000)
order by version desc
limit $4`,
    [relation, fromMs, toMs, limit],
  )
  return rows.map((row) => ({
    version: row.version,
    relation,
    hour: row.hour,
    loadId: row.load_id,
    runId: row.run_id,
    rows: row.rows,
    changedAt: row.changed_at,
  }))
}

/** What the ledger says of one partition of a model; undefined if it was never tried. */
export async function readPartition(
  warehouse: Warehouse,
  { model, startMs }: { model: string; startMs: number },
): Promise<PartitionLine | undefined> {
  const { rows } = await warehouse.query<PartitionLine>(
    `select status, version, rows, run_id, built_at, attempt_code, attempt_error, attempt_at,
    inputs
from ${identifier(ledgerSchema(warehouse.target))}.partition
where model = $1 and partition_start = coalesce(to_timestamp($2::float8 / 1000), '-infinity')`,
    [model, Number.isNaN(startMs) ? null : startMs],
  )
  return rows[0]
}

/** A partition's line in the ledger, times as text. */
export interface PartitionLine {
  readonly status: string | null
  readonly version: number | null
  readonly rows: number | null
  readonly run_id: string | null
  readonly built_at: string | null
  readonly attempt_code: string | null
  readonly attempt_error: string | null
  readonly attempt_at: string | null
  readonly inputs: string | null
}

/** Where the rows of a load came from: file and first line. */
export interface LoadedFrom {
  readonly file: string
  readonly line: number | null
  readonly rows: number
}

/** The files and first lines that a load brought into one hour of a source. */
export async function readLoadedFrom(
  warehouse: Warehouse,
  {
    table,
    timeColumn,
    loadId,
    startMs,
    endMs,
  }: { table: string; timeColumn: string; loadId: number; startMs: number; endMs: number },
): Promise<LoadedFrom[]> {
  const { rows } = await warehouse.query<LoadedFrom>(
    `select landing_file as file, min(landing_line) as line, count(*) as rows
from ${table}
where ${identifier(timeColumn)} >= to_timestamp($1::float8 / 1000) and ${identifier(timeColumn)} < to_timestamp($2::float8 / 1000)
    and load_id = $3
group by landing_file
order by landing_file
limit 5`,
    [startMs, endMs, loadId],
  )
  return rows
}

/** Why a run last built a partition, in its own words. */
export async function readLastReason(
  warehouse: Warehouse,
  { model, runId, startMs }: { model: string; runId: string; startMs: number },
): Promise<string | undefined> {
  const { rows } = await warehouse.query<{ reason: string }>(
    `select reason
from ${identifier(ledgerSchema(warehouse.target))}.run_step
where run_id = $1 and model = $2 and status = 'done'
    and partition_start <= coalesce(to_timestamp($3::float8 / 1000), '-infinity')
order by partition_start desc
limit 1`,
    [runId, model, Number.isNaN(startMs) ? null : startMs],
  )
  return rows[0]?.reason
}
