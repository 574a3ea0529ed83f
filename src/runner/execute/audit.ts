import { identifier, type TimeRange } from '../../base/index.ts'
import { lockSchema } from '../../warehouse/index.ts'
import type { Assertion } from '../model/index.ts'
import type { RunContext } from './context.ts'

/** Rows of a failed assertion that are kept for a look, at most. */
export const KEPT_ROWS = 1000

/** Keeps failing rows (each a JSON text) in kx_audit, through a connection that no rollback reaches. */
export async function keepFailures(
  context: RunContext,
  assertion: Assertion,
  { range, rows }: { range: TimeRange; rows: readonly string[] },
): Promise<void> {
  const table = auditTable(context, assertion)
  await using audit = await context.warehouse.session()
  // Two that create one schema at once would stumble over each other.
  await audit.query('begin')
  await lockSchema(audit, context.warehouse.target, 'kx_audit')
  await audit.query(`create schema if not exists ${identifier(auditSchema(context))}`)
  await audit.query(`create table if not exists ${table} (
    run_id text not null, range_start timestamptz not null, range_end timestamptz not null, failed_at timestamptz not null, row jsonb not null
)`)
  const step = [context.runId, atOf(range.startMs, '-infinity'), atOf(range.endMs, 'infinity')]
  // The step may be a second try, after its connection broke, or a part of one that failed whole.
  await audit.query(`delete from ${table} where run_id = $1 and range_start <= $2 and range_end >= $3`, step)
  await audit.query(
    `insert into ${table} select $1, $2, $3, clock_timestamp(), row::jsonb from unnest($4::text[]) as u (row)`,
    [...step, rows],
  )
  await audit.query('commit')
}

/** The quoted name of the table that keeps an assertion's failing rows. */
export function auditTable(context: RunContext, assertion: Assertion): string {
  return identifier(auditSchema(context), assertion.name)
}

/** What has no partitions has no bounds either. */
function atOf(ms: number, otherwise: string): string {
  return Number.isNaN(ms) ? otherwise : new Date(ms).toISOString()
}

function auditSchema({ naming }: RunContext): string {
  return `${naming.schemaPrefix}kx_audit`
}
