import { identifier } from '../../base/index.ts'
import {
  type Session,
  type SourceMove,
  type SourceTable,
  sourceLedgerSchema,
  type Target,
} from '../../warehouse/index.ts'

/** Rows that left one hour. */
export interface RemovedRows {
  readonly hourMs: number
  readonly rows: number
}

/** `bronze.ohlcv_native`, as the ledger names it: without a prefix. */
export function relationOf(table: SourceTable): string {
  return `${table.schema}.${table.name}`
}

/** The table's quoted name in `target`. */
export function tableName(table: SourceTable, target: Target): string {
  return identifier(`${target.sourcePrefix}${table.schema}`, table.name)
}

/** The table's quoted time column: the first of its order. */
function timeColumn(table: SourceTable): string {
  return identifier(table.keyOrder[0] ?? 'interval_start')
}

/** Deletes every row that a file brought, in the caller's transaction, and forgets that it was read. */
export async function deleteFileRows(
  session: Session,
  target: Target,
  { table, landingFile }: { readonly table: SourceTable; readonly landingFile: string },
): Promise<RemovedRows[]> {
  const schema = identifier(sourceLedgerSchema(target))
  const time = timeColumn(table)
  const { rows } = await session.query<{ hour_ms: number; rows: number }>(
    `with span as (
        select min(first_start) as first_start, max(last_start) as last_start
        from ${schema}.load
        where relation = $1 and landing_file = $2
    ),
    gone as (
        delete from ${tableName(table, target)} as bronze
        using span
        where bronze.${time} >= span.first_start
            -- The ledger knows times to the millisecond.
            and bronze.${time} < span.last_start + interval '1 millisecond'
            and bronze.landing_file = $2
        returning bronze.${time} as at
    )
    select (extract(epoch from date_trunc('hour', at, 'UTC')) * 1000)::float8 as hour_ms, count(*)::float8 as rows
    from gone
    group by 1`,
    [relationOf(table), landingFile],
  )
  await session.query(`delete from ${schema}.load_file where relation = $1 and landing_file = $2`, [
    relationOf(table),
    landingFile,
  ])
  return rows.map((row) => ({ hourMs: Number(row.hour_ms), rows: Number(row.rows) }))
}

/**
 * Corrects, in the caller's transaction, hours that a replaced file gave more rows than were deleted of it: if
 * rows had been lost there, those that came back are no new ones, and the ledger counts them already.
 *
 * Called after the hours were moved, so that their lines are locked and no other load can commit to them.
 */
export async function settleReplacedHours(
  session: Session,
  target: Target,
  { table, moves }: { readonly table: SourceTable; readonly moves: readonly SourceMove[] },
): Promise<void> {
  const grown = moves.filter(({ addedRows }) => addedRows > 0)
  if (grown.length === 0) return
  const time = timeColumn(table)
  await session.query(
    `update ${identifier(sourceLedgerSchema(target))}.source_partition as known
    set rows = greatest(known.rows - grown.added, (
        select count(*)
        from ${tableName(table, target)}
        where ${time} >= known.hour and ${time} < known.hour + interval '1 hour'
    ))
    from (
        select to_timestamp(hour_ms / 1000) as hour, added
        from unnest($2::float8[], $3::bigint[]) as u (hour_ms, added)
    ) as grown
    where known.relation = $1 and known.hour = grown.hour`,
    [relationOf(table), grown.map(({ hourMs }) => hourMs), grown.map(({ addedRows }) => addedRows)],
  )
}

/** Hours before `beforeMs` that still count rows or are not marked pruned, oldest first. */
export async function readPrunableHours(
  session: Session,
  target: Target,
  { table, beforeMs }: { readonly table: SourceTable; readonly beforeMs: number },
): Promise<number[]> {
  const { rows } = await session.query<{ hour_ms: number }>(
    `select (extract(epoch from hour) * 1000)::float8 as hour_ms
    from ${identifier(sourceLedgerSchema(target))}.source_partition
    where relation = $1 and hour < to_timestamp($2::float8 / 1000) and (not is_pruned or rows > 0)
    order by hour`,
    [relationOf(table), beforeMs],
  )
  return rows.map((row) => Number(row.hour_ms))
}

/** Deletes the rows of `[fromMs, toMs)` in the caller's transaction. */
export async function deleteHours(
  session: Session,
  target: Target,
  { table, fromMs, toMs }: { readonly table: SourceTable; readonly fromMs: number; readonly toMs: number },
): Promise<RemovedRows[]> {
  const time = timeColumn(table)
  const { rows } = await session.query<{ hour_ms: number; rows: number }>(
    `with gone as (
        delete from ${tableName(table, target)}
        where ${time} >= to_timestamp($1::float8 / 1000) and ${time} < to_timestamp($2::float8 / 1000)
        returning ${time} as at
    )
    select (extract(epoch from date_trunc('hour', at, 'UTC')) * 1000)::float8 as hour_ms, count(*)::float8 as rows
    from gone
    group by 1`,
    [fromMs, toMs],
  )
  return rows.map((row) => ({ hourMs: Number(row.hour_ms), rows: Number(row.rows) }))
}
