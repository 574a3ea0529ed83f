import { identifier } from '../../base/index.ts'
import { movePartitions, type Session } from '../../warehouse/index.ts'
import type { PlanModel } from '../plan/index.ts'
import type { RunContext } from './context.ts'
import type { Described } from './describe.ts'

/** How the values that a column holds become another type. */
export function castSql({ name, type }: Pick<Described, 'name' | 'type'>): string {
  return `${identifier(name)}::text::${type}`
}

/**
 * Moves the versions of the partitions whose rows another type of `columns` will change, before it does: building
 * them again finds them as they are to be, so nothing else would tell those who read them.
 */
export async function moveRetyped(
  session: Session,
  context: RunContext,
  {
    plan,
    name,
    time,
    columns,
  }: { plan: PlanModel; name: string; time: string | undefined; columns: readonly Described[] },
): Promise<void> {
  const changes = columns.map(
    (column) => `(${castSql(column)})::text is distinct from ${identifier(column.name)}::text`,
  )
  const at =
    time === undefined || plan.grain === undefined
      ? `'-infinity'::timestamptz`
      : `date_bin('1 ${plan.grain}', ${identifier(time)}::timestamptz, '1970-01-01T00:00:00Z')`
  const rowsSql = `select ${at} as at, count(*) as rows from ${name} where ${changes.join(' or ')} group by 1`
  await movePartitions(session, context.warehouse.target, { model: plan.id, runId: context.runId, rowsSql })
}
