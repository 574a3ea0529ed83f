import { DAY_MS, HOUR_MS } from '../../base/index.ts'
import {
  moveSourceHours,
  type Session,
  type SourceTable,
  type Target,
  type Warehouse,
} from '../../warehouse/index.ts'
import { deleteHours, readPrunableHours, relationOf } from './removal-ledger.ts'

/** One transaction of a prune. */
export interface PruneEvent {
  readonly type: 'pruned'
  readonly relation: string
  readonly fromMs: number
  readonly toMs: number
  readonly hours: number
  readonly rows: number
}

/**
 * Retires the bronze rows of every whole hour before `beforeMs`, a day to a transaction, and marks those
 * hours pruned in it. What is built from them stays, frozen.
 */
export async function* prune({
  warehouse,
  tables,
  beforeMs,
}: {
  readonly warehouse: Warehouse
  readonly tables: readonly SourceTable[]
  readonly beforeMs: number
}): AsyncGenerator<PruneEvent> {
  const cutMs = Math.floor(beforeMs / HOUR_MS) * HOUR_MS
  const { target } = warehouse
  await using session = await warehouse.session()
  for (const table of tables) {
    const hours = await readPrunableHours(session, target, { table, beforeMs: cutMs })
    const hoursByDay = byDay(hours)
    for (const [, ofDay] of hoursByDay) yield await pruneHours(session, target, { table, hours: ofDay })
  }
}

async function pruneHours(
  session: Session,
  target: Target,
  { table, hours }: { readonly table: SourceTable; readonly hours: readonly number[] },
): Promise<PruneEvent> {
  const fromMs = Math.min(...hours)
  const toMs = Math.max(...hours) + HOUR_MS
  const relation = relationOf(table)
  await session.query('begin')
  try {
    const removed = await deleteHours(session, target, { table, fromMs, toMs })
    const rowsByHour = new Map([
      ...hours.map((hour) => [hour, 0] as const),
      ...removed.map((hour) => [hour.hourMs, hour.rows] as const),
    ])
    const moves = Array.from(rowsByHour, ([hourMs, rows]) => ({ hourMs, addedRows: -rows, isPruned: true }))
    await moveSourceHours(session, target, { relation, moves, loadId: null })
    await session.query('commit')
    const rows = removed.reduce((sum, hour) => sum + hour.rows, 0)
    return { type: 'pruned', relation, fromMs, toMs, hours: hours.length, rows }
  } catch (error) {
    await session.query('rollback').catch(() => undefined)
    throw error
  }
}

function byDay(hours: readonly number[]): Map<number, number[]> {
  const hoursByDay = new Map<number, number[]>()
  for (const hour of hours) {
    const day = Math.floor(hour / DAY_MS)
    hoursByDay.set(day, [...(hoursByDay.get(day) ?? []), hour])
  }
  return hoursByDay
}
