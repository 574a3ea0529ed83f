import { identifier } from '../../base/index.ts'
import type { Session } from '../../warehouse/index.ts'
import type { Cells } from './compare-rows.ts'

/** Rows of a cursor that are fetched at a time. */
const FETCHED = 2000

/** A query whose rows are to be compared. */
export interface OrderedQuery {
  /** Gives the columns and perhaps others. */
  readonly sql: string
  readonly values: readonly unknown[]
  readonly columns: readonly string[]
  /** How many of the first columns are the key. */
  readonly keyLength: number
}

/**
 * The rows of a query as text, in the order of their key as bytes and then of all columns, through a cursor: no
 * more than a few thousand are held. Needs an open transaction.
 */
export async function* orderedRows(session: Session, query: OrderedQuery): AsyncGenerator<Cells, void> {
  const { sql, values, columns } = query
  const cells = columns.map((name) => `${identifier(name)}::text collate "C" as ${identifier(name)}`)
  const order = columns.map((_, i) => `${i + 1} nulls last`)
  await session.query(
    `declare kx_rows no scroll cursor for
select ${cells.join(', ')}
from (
${sql}
) as kx_compared
order by ${order.join(', ')}`,
    values,
  )
  for (;;) {
    const { rows } = await session.queryText(`fetch ${FETCHED} from kx_rows`)
    yield* rows
    if (rows.length < FETCHED) break
  }
  await session.query('close kx_rows')
}

/** Columns with those of `key` in front, in its order. */
export function keyFirst(columns: readonly string[], key: readonly string[]): string[] {
  return [...key, ...columns.filter((name) => !key.includes(name))]
}
