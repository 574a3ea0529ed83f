import {
  identifier,
  type LedgerException,
  type LedgerSnapshot,
  type ModelLedgerRows,
} from '../../base/index.ts'
import { ledgerSchema, sourceLedgerSchema, type Target, type Warehouse } from '../warehouse.ts'

/** Partitions of one name and code, in columns: each text holds one value per partition. */
export interface GroupRow {
  readonly name: string
  readonly code_hash: number
  readonly starts: string
  readonly versions: string
  readonly inputs: string
}

/**
 * Reads what the ledger says of `models` and `sources`, in columns: a year of 50 models is 438,000 rows and
 * takes one text per model and code instead of an object per row.
 */
export async function readLedger(
  warehouse: Warehouse,
  { models, sources }: { models: readonly string[]; sources: readonly string[] },
): Promise<LedgerSnapshot> {
  const { target } = warehouse
  // One after the other: four connections would cost more than four small answers.
  const groups = await warehouse.query<GroupRow>(modelSql(target), [models])
  const exceptions = await warehouse.query<ExceptionRow>(exceptionSql(target), [models])
  const sourceRows = await warehouse.query<SourceRow>(sourceSql(target), [sources])
  const ranges = await warehouse.query<RangeRow>(rangeSql(target), [sources])
  return {
    models: joinGroups(groups.rows),
    exceptions: exceptions.rows.map(toException),
    sources: new Map(
      sourceRows.rows.map((row) => [
        row.name,
        {
          starts: numbers(row.starts),
          versions: numbers(row.versions),
          prunedStarts: row.pruned === null ? [] : Array.from(numbers(row.pruned)),
        },
      ]),
    ),
    ranges: groupRanges(ranges.rows),
  }
}

/** Whole hours after the epoch of a start, null for what is built once. */
export const HOURS = (column: string) =>
  `case when isfinite(${column}) then (date_part('epoch', ${column}) / 3600)::int4 end`

function modelSql(target: Target): string {
  const schema = identifier(ledgerSchema(target))
  return `select model as name, code_hash, array_agg(${HOURS('partition_start')})::text as starts,
    array_agg(version)::text as versions, string_agg(array_to_string(inputs, ':'), ',') as inputs
from ${schema}.partition
where model = any ($1::text[]) and status is not null
group by model, code_hash`
}

interface ExceptionRow {
  readonly model: string
  readonly start: number | null
  readonly is_partial: boolean
  readonly attempt_code: string | null
  readonly attempt_error: string | null
}

function exceptionSql(target: Target): string {
  const schema = identifier(ledgerSchema(target))
  return `select model, ${HOURS('partition_start')} as start, coalesce(status = 'partial', false) as is_partial,
    attempt_code, attempt_error
from ${schema}.partition
where model = any ($1::text[]) and (status = 'partial' or attempt_code is not null)`
}

function toException(row: ExceptionRow): LedgerException {
  return {
    model: row.model,
    start: row.start ?? Number.NaN,
    isPartial: row.is_partial,
    failedWith: row.attempt_code ?? undefined,
    failure: row.attempt_error ?? undefined,
  }
}

interface SourceRow {
  readonly name: string
  readonly starts: string
  readonly versions: string
  readonly pruned: string | null
}

function sourceSql(target: Target): string {
  const schema = identifier(sourceLedgerSchema(target))
  return `select relation as name, array_agg(${HOURS('hour')})::text as starts, array_agg(version)::text as versions,
    (array_agg(${HOURS('hour')}) filter (where is_pruned))::text as pruned
from ${schema}.source_partition
where relation = any ($1::text[])
group by relation`
}

interface RangeRow {
  readonly relation: string
  readonly version: number
  readonly from_ms: number
  readonly to_ms: number
}

function rangeSql(target: Target): string {
  const schema = identifier(sourceLedgerSchema(target))
  return `select relation, version, date_part('epoch', valid_from) * 1000 as from_ms,
    date_part('epoch', valid_to) * 1000 as to_ms
from ${schema}.source_range
where relation = any ($1::text[])`
}

function groupRanges(rows: readonly RangeRow[]): LedgerSnapshot['ranges'] {
  const ranges = new Map<string, { version: number; fromMs: number; toMs: number }[]>()
  for (const row of rows) {
    const range = { version: row.version, fromMs: row.from_ms, toMs: row.to_ms }
    const known = ranges.get(row.relation)
    if (known) known.push(range)
    else ranges.set(row.relation, [range])
  }
  return ranges
}

/** The partitions of each name, whatever their code. */
export function joinGroups(groups: readonly GroupRow[]): Map<string, ModelLedgerRows> {
  const groupsByModel = new Map<string, GroupRow[]>()
  for (const group of groups) {
    const known = groupsByModel.get(group.name)
    if (known) known.push(group)
    else groupsByModel.set(group.name, [group])
  }
  return new Map([...groupsByModel].map(([name, parts]) => [name, joinParts(parts)]))
}

function joinParts(parts: readonly GroupRow[]): ModelLedgerRows {
  const starts = parts.map((part) => numbers(part.starts))
  const total = starts.reduce((sum, part) => sum + part.length, 0)
  const rows = {
    starts: new Float64Array(total),
    versions: new Float64Array(total),
    codeHashes: new Float64Array(total),
    inputs: [] as string[],
  }
  let at = 0
  parts.forEach((part, i) => {
    const own = starts[i] ?? new Float64Array()
    rows.starts.set(own, at)
    rows.versions.set(numbers(part.versions), at)
    rows.codeHashes.fill(part.code_hash, at, at + own.length)
    rows.inputs = rows.inputs.concat(part.inputs.split(','))
    at += own.length
  })
  return rows
}

/** `{1,2,NULL}` as numbers, NULL as NaN. */
function numbers(array: string): Float64Array {
  return Float64Array.from(array.slice(1, -1).split(','), Number)
}
