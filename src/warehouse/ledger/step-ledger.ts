import { identifier } from '../../base/index.ts'
import type { Session } from '../session.ts'
import { ledgerSchema, type Target } from '../warehouse.ts'

/** What a step did to one partition. */
export interface BuiltPartition {
  /** ms since the epoch; NaN for what is built once. */
  readonly startMs: number
  readonly isPartial: boolean
  /** One hash per edge. */
  readonly inputs: readonly number[]
  readonly rows: number
  readonly written: number
  readonly deleted: number
  /** Rows changed, or it was never built: its version moves. */
  readonly isChanged: boolean
}

/** A step's lines for the ledger. */
export interface StepRecord {
  readonly model: string
  readonly runId: string
  readonly codeHash: number
  readonly reason: string
  readonly durationMs: number
  readonly partitions: readonly BuiltPartition[]
}

/** Writes down, in the step's own transaction, what the table now holds, what moved and that the step was done. */
export async function recordStep(session: Session, target: Target, step: StepRecord): Promise<void> {
  const schema = identifier(ledgerSchema(target))
  const { partitions } = step
  await session.query(
    `with built as (
    select ${AT} as at, status, inputs, rows, written, deleted, is_changed
    from unnest($2::float8[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::boolean[])
        as u (start_ms, status, inputs, rows, written, deleted, is_changed)
),
recorded as (
    insert into ${schema}.partition as p (model, partition_start, status, code_hash, version, inputs, rows, run_id, built_at)
    select $1, at, status, $9, case when is_changed then nextval('${schema}.version') end, inputs, rows, $10, clock_timestamp()
    from built
    on conflict (model, partition_start) do update set
        status = excluded.status,
        code_hash = excluded.code_hash,
        version = coalesce(excluded.version, p.version),
        inputs = excluded.inputs,
        rows = excluded.rows,
        run_id = excluded.run_id,
        built_at = excluded.built_at,
        attempt_error = null,
        attempt_code = null,
        attempt_run_id = null,
        attempt_at = null
    returning partition_start, version
),
changed as (
    insert into ${schema}.change (version, relation, hour, load_id, run_id, rows, changed_at)
    select recorded.version, $1, recorded.partition_start, null, $10, built.written + built.deleted, clock_timestamp()
    from built
    inner join recorded on recorded.partition_start = built.at
    where built.is_changed
)
insert into ${schema}.run_step (run_id, model, partition_start, hours, status, reason, rows_written, rows_deleted, duration_ms, ended_at)
select $10, $1, min(at), count(*), 'done', $11, sum(written), sum(deleted), $12, clock_timestamp()
from built`,
    [
      step.model,
      partitions.map(({ startMs }) => (Number.isNaN(startMs) ? null : startMs)),
      partitions.map(({ isPartial }) => (isPartial ? 'partial' : 'built')),
      partitions.map(({ inputs }) => inputs.join(':')),
      partitions.map(({ rows }) => rows),
      partitions.map(({ written }) => written),
      partitions.map(({ deleted }) => deleted),
      partitions.map(({ isChanged }) => isChanged),
      step.codeHash,
      step.runId,
      step.reason,
      step.durationMs,
    ],
  )
}

const AT = `coalesce(to_timestamp(start_ms / 1000), '-infinity'::timestamptz)`

/** A step that failed, for the columns of the last attempt, which never touch what the table holds. */
export interface FailedAttempt {
  readonly model: string
  readonly runId: string
  readonly reason: string
  readonly durationMs: number
  /** NaN for what is built once. */
  readonly startsMs: readonly number[]
  readonly code: string
  readonly error: string
}

/** Writes down a failed attempt, after its rollback. */
export async function recordAttempt(session: Session, target: Target, attempt: FailedAttempt): Promise<void> {
  const schema = identifier(ledgerSchema(target))
  await session.query(
    `with tried as (select ${AT} as at from unnest($2::float8[]) as u (start_ms)),
recorded as (
    insert into ${schema}.partition as p (model, partition_start, attempt_error, attempt_code, attempt_run_id, attempt_at)
    select $1, at, $3, $4, $5, clock_timestamp() from tried
    on conflict (model, partition_start) do update set
        attempt_error = excluded.attempt_error,
        attempt_code = excluded.attempt_code,
        attempt_run_id = excluded.attempt_run_id,
        attempt_at = excluded.attempt_at
)
insert into ${schema}.run_step (run_id, model, partition_start, hours, status, reason, duration_ms, error_code, error, ended_at)
select $5, $1, min(at), count(*), 'failed', $6, $7, $4, $3, clock_timestamp() from tried`,
    [
      attempt.model,
      attempt.startsMs.map((startMs) => (Number.isNaN(startMs) ? null : startMs)),
      attempt.error,
      attempt.code,
      attempt.runId,
      attempt.reason,
      attempt.durationMs,
    ],
  )
}

/** The line of a run waits for no disk: it tells of steps, which are there without it. */
const UNHURRIED = `(select set_config('synchronous_commit', 'off', true)) as unhurried`

/** Opens the line of a run. */
export async function openRun(
  session: Pick<Session, 'query'>,
  target: Target,
  run: { runId: string; command: string; kxVersion: string },
): Promise<void> {
  await session.query(
    `insert into ${identifier(ledgerSchema(target))}.run (run_id, command, started_at, kx_version)
select $1, $2, clock_timestamp(), $3 from ${UNHURRIED}`,
    [run.runId, run.command, run.kxVersion],
  )
}

/** Closes the line of a run: done, failed or interrupted. */
export async function closeRun(
  session: Pick<Session, 'query'>,
  target: Target,
  run: { runId: string; status: string },
): Promise<void> {
  await session.query(
    `update ${identifier(ledgerSchema(target))}.run set ended_at = clock_timestamp(), status = $2
from ${UNHURRIED} where run_id = $1`,
    [run.runId, run.status],
  )
}
