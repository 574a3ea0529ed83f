import { identifier, KxError, type TimeRange } from '../../base/index.ts'
import { type Session, SqlError, type Target, type Warehouse } from '../../warehouse/index.ts'
import { relationName } from '../sql/index.ts'
import { compareStreams, type StreamDifference } from './compare-streams.ts'
import type { RowNode } from './given.ts'
import { keyFirst, orderedRows } from './ordered-rows.ts'

/** One relation in two targets, compared. */
export interface RelationDifference extends StreamDifference {
  /** The columns that both have, key first. */
  readonly columns: readonly string[]
  readonly columnsOnlyHere: readonly string[]
  readonly columnsOnlyThere: readonly string[]
}

export interface RelationComparison {
  readonly node: RowNode
  /** Undefined: all rows. */
  readonly range: TimeRange | undefined
  /** Rows of each kind to keep. */
  readonly limitRows: number
}

/**
 * Compares a model's rows in two warehouses, streamed in the order of its key: neither side is ever held whole,
 * and the two may be different servers.
 *
 * @throws {KxError} KX_RELATION_MISSING if one of them does not have it; KX_USAGE for hours where it has none
 */
export async function diffRelations(
  here: Warehouse,
  there: Warehouse,
  { node, range, limitRows }: RelationComparison,
): Promise<RelationDifference> {
  const condition = conditionOf(node, range)
  await using left = await here.session()
  await using right = await there.session()
  await Promise.all([left, right].map((one) => one.query('begin isolation level repeatable read read only')))
  try {
    const [mine, theirs] = await Promise.all([
      columnsOf(left, node, here.target),
      columnsOf(right, node, there.target),
    ])
    const shared = mine.filter((name) => theirs.includes(name))
    const key = keyOf(node).filter((name) => shared.includes(name))
    const columns = keyFirst(shared, key)
    const keyLength = key.length || columns.length
    const rows = (session: Session, target: Target) =>
      orderedRows(session, {
        sql: `select * from ${relationName(node, target)}${condition.sql}`,
        values: condition.values,
        columns,
        keyLength,
      })
    const options = { columns, keyLength, limit: limitRows }
    const difference = await compareStreams(rows(left, here.target), rows(right, there.target), options)
    return {
      ...difference,
      columns,
      columnsOnlyHere: mine.filter((name) => !theirs.includes(name)),
      columnsOnlyThere: theirs.filter((name) => !mine.includes(name)),
    }
  } finally {
    await Promise.all([left, right].map((one) => one.query('rollback').catch(() => undefined)))
  }
}

function conditionOf(node: RowNode, range: TimeRange | undefined): { sql: string; values: string[] } {
  if (range === undefined) return { sql: '', values: [] }
  const column = node.kind === 'model' ? node.config.timeColumn : node.contract?.timeColumn
  if (column === undefined) {
    throw new KxError('KX_USAGE', `${node.id} has no time column, so it has no hours to compare`, {
      hint: 'Leave --partition out.',
    })
  }
  return {
    sql: ` where ${identifier(column)} >= $1::timestamptz and ${identifier(column)} < $2::timestamptz`,
    values: [new Date(range.startMs).toISOString(), new Date(range.endMs).toISOString()],
  }
}

function keyOf(node: RowNode): readonly string[] {
  return node.kind === 'model' ? node.config.uniqueKey : []
}

async function columnsOf(session: Session, node: RowNode, target: Target): Promise<string[]> {
  const name = relationName(node, target)
  try {
    return (await session.queryText(`select * from ${name} limit 0`)).columns
  } catch (error) {
    if (!(error instanceof SqlError) || !['42P01', '3F000'].includes(error.sqlstate)) throw error
    throw new KxError('KX_RELATION_MISSING', `${name} is not in target '${target.name}'`, {
      hint: `Build it first: kx run --select ${node.name} --target ${target.name}`,
      at: { file: node.file },
      cause: error,
    })
  }
}
