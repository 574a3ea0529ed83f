import { identifier, type ModelLedgerRows } from '../../base/index.ts'
import { ledgerSchema, type Target, type Warehouse } from '../warehouse.ts'
import { type GroupRow, HOURS, joinGroups } from './snapshot.ts'

/** What came of an assertion for some rows: `warn` found rows that do not fail, `error` could not be run. */
export type AssertionStatus = 'pass' | 'fail' | 'warn' | 'error'

/** An assertion's result for one partition. */
export interface AssertionResult {
  /** ms since the epoch; NaN without partitions. */
  readonly startMs: number
  readonly status: AssertionStatus
  readonly failures: number
  /** One hash per input. */
  readonly inputs: readonly number[]
}

/** The partitions that each assertion passed last time, with the code and inputs it saw. */
export async function readPasses(
  warehouse: Warehouse,
  assertions: readonly string[],
): Promise<ReadonlyMap<string, ModelLedgerRows>> {
  const { rows } = await warehouse.query<GroupRow>(
    `select assertion as name, code_hash as number, array_agg(${HOURS('partition_start')})::text as starts,
    array_agg(0)::text as versions, string_agg(inputs, ',') as rest
from ${identifier(ledgerSchema(warehouse.target))}.assertion_result
where assertion = any ($1::text[]) and status = 'pass'
group by assertion, code_hash`,
    [assertions],
  )
  return joinGroups(rows)
}

/** Writes down what came of an assertion, partition by partition. */
export async function recordResults(
  session: Pick<Warehouse, 'query'>,
  target: Target,
  {
    assertion,
    runId,
    codeHash,
    results,
  }: { assertion: string; runId: string; codeHash: number; results: readonly AssertionResult[] },
): Promise<void> {
  await session.query(
    `insert into ${identifier(ledgerSchema(target))}.assertion_result
    (assertion, partition_start, status, failures, code_hash, inputs, run_id, tested_at)
select $1, coalesce(to_timestamp(start_ms / 1000), '-infinity'::timestamptz), status, failures, $2,
    inputs, $3, clock_timestamp()
from unnest($4::float8[], $5::text[], $6::bigint[], $7::text[]) as u (start_ms, status, failures, inputs)
on conflict (assertion, partition_start) do update set status = excluded.status, failures = excluded.failures,
    code_hash = excluded.code_hash, inputs = excluded.inputs, run_id = excluded.run_id,
    tested_at = excluded.tested_at`,
    [
      assertion,
      codeHash,
      runId,
      results.map(({ startMs }) => (Number.isNaN(startMs) ? null : startMs)),
      results.map(({ status }) => status),
      results.map(({ failures }) => failures),
      results.map(({ inputs }) => inputs.join(':')),
    ],
  )
}
