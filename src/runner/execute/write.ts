import { KxError, partitionKey, type TimeRange } from '../../base/index.ts'
import type { Session } from '../../warehouse/index.ts'
import type { PlannedPartition } from '../plan/index.ts'
import { type BulkSql, boundValues, duplicateKeysSql, type WriteSql } from '../sql/index.ts'
import type { RunContext } from './context.ts'
import { describeFailure, sqlstateOf } from './failure.ts'
import type { PreparedModel } from './prepare.ts'
import { rangeOf } from './ranges.ts'

/** What a write did to one partition. */
export interface WriteRow {
  /** ms since the epoch; null for what is built once. */
  readonly at_ms: number | null
  /** Rows that the partition has now. */
  readonly rows: number
  readonly written: number
  readonly deleted: number
  /** Keys that came twice. */
  readonly duplicates: number
  /** Rows that blocking assertions refuse, those that look at each row by itself; undefined if not asked yet. */
  readonly wrong?: number
}

/**
 * Writes neighbouring partitions of a model and gives what that did to each.
 *
 * @throws {KxError} KX_ROW_OUTSIDE, KX_KEY_DUPLICATE, KX_KEY_NULL, KX_SQL_FAILED
 */
export async function writePartitions(
  session: Session,
  context: RunContext,
  prepared: PreparedModel,
  { run, isFresh }: { run: readonly PlannedPartition[]; isFresh: boolean },
): Promise<WriteRow[]> {
  const range = rangeOf(run)
  if (isFresh && prepared.bulk !== undefined && run.length > 1) {
    return insertInBulk(session, context, prepared, { range, bulk: prepared.bulk })
  }
  const { compiled, insert, difference, differenceBounds } = prepared
  const statement = isFresh ? insert : difference
  const values = boundValues(isFresh ? compiled.bounds : differenceBounds, range)
  const { rows } = await send<WriteRow>(session, context, prepared, { statement, values }).catch((error) =>
    afterKeyTwice(error, session, prepared, range),
  )
  const outside = rows.find(({ at_ms }) => at_ms !== null && (at_ms < range.startMs || at_ms >= range.endMs))
  if (outside !== undefined) {
    throw outsideError(prepared, range, { at_ms: outside.at_ms ?? 0, rows: outside.rows || outside.written })
  }
  if ((rows[0]?.duplicates ?? 0) > 0) throw await duplicateError(session, prepared, range)
  return rows
}

async function insertInBulk(
  session: Session,
  context: RunContext,
  prepared: PreparedModel,
  { range, bulk }: { range: TimeRange; bulk: BulkSql },
): Promise<WriteRow[]> {
  const values = boundValues(prepared.compiled.bounds, range)
  const { rowCount } = await send(session, context, prepared, { statement: bulk.insert, values })
  const ends = [new Date(range.startMs).toISOString(), new Date(range.endMs).toISOString()]
  const { rows } = await session.query<WriteRow>(bulk.count, ends)
  if (rows.reduce((sum, row) => sum + row.rows, 0) === rowCount) return rows
  const outside = await session.query<{ at_ms: number; rows: number }>(bulk.outside, [...values, ...ends])
  throw outsideError(prepared, range, outside.rows[0] ?? { at_ms: 0, rows: 0 })
}

/** Sends a statement that holds the model's SQL; a failure points into the template. */
async function send<Row>(
  session: Session,
  context: RunContext,
  { node, compiled }: PreparedModel,
  { statement, values }: { statement: WriteSql; values: readonly unknown[] },
): Promise<{ rows: Row[]; rowCount: number }> {
  try {
    return await session.query<Row>(statement.text, values)
  } catch (error) {
    throw describeFailure(error, { context, node, bodyAt: statement.offset + compiled.bodyOffset, compiled })
  }
}

function outsideError(
  { node, target }: PreparedModel,
  range: TimeRange,
  outside: { at_ms: number; rows: number },
): KxError {
  const where = `${partitionKey(outside.at_ms)} while ${partitionKey(range.startMs)} is built`
  return new KxError('KX_ROW_OUTSIDE', `${node.id} gives ${outside.rows} rows of ${where}`, {
    hint: `Give only rows whose ${target.timeColumn} lies in the partition.`,
    at: { file: node.file },
  })
}

/**
 * Two changed rows of one key stop the write itself (21000), without a word which. Nothing can be asked in a
 * transaction that failed, so it ends here. A subquery of the model's own that gives too many rows has that code too.
 */
async function afterKeyTwice(
  error: unknown,
  session: Session,
  prepared: PreparedModel,
  range: TimeRange,
): Promise<never> {
  if (prepared.target.uniqueKey.length === 0 || sqlstateOf(error) !== '21000') throw error
  await session.query('rollback')
  throw (await duplicateError(session, prepared, range).catch(() => undefined)) ?? error
}

async function duplicateError(
  session: Session,
  prepared: PreparedModel,
  range: TimeRange,
): Promise<KxError | undefined> {
  const { node, compiled, target } = prepared
  const statement = duplicateKeysSql(target, compiled)
  const { columns, rows } = await session.queryText(statement.text, boundValues(compiled.bounds, range))
  if (rows.length === 0) return undefined
  const shown = rows.map((row) => columns.map((column, i) => `${column} ${row[i]}`).join(', '))
  return new KxError('KX_KEY_DUPLICATE', `new rows of ${node.id} share a key: ${shown.join(' · ')}`, {
    hint: 'Settle in the SQL which of them counts, or add a column to unique_key.',
    at: { file: node.file },
  })
}
