import { identifier } from '../../base/index.ts'
import type { CompiledSql } from './compile.ts'
import { type Also, countSql } from './count.ts'
import { columnList, type WriteSql, type WriteTarget } from './write.ts'

/**
 * How many empty partitions are filled at once: insert plainly, then count what is there. For tens of thousands of
 * rows that is a fifth cheaper than handing each through `returning`.
 */
export interface BulkSql {
  readonly insert: WriteSql
  /**
   * Rows as of WriteSql, for the partitions between `$1` and `$2`, with `wrong`: rows that the model's blocking
   * assertions refuse, as far as they look at each row by itself.
   */
  readonly count: string
  /** The first row (`at_ms`) outside the partitions, and how many: `start` and `end` are added to the bounds. */
  readonly outside: string
}

/** What the wrong rows of row by row assertions meet, and the name it gives them. */
export type WrongRows = Omit<Also, 'name'>

/** The statements for a table with partitions; undefined for what is built once. */
export function bulkSql(
  target: WriteTarget,
  compiled: CompiledSql,
  wrong: WrongRows | undefined,
): BulkSql | undefined {
  if (target.timeColumn === undefined || target.grain === undefined) return undefined
  const columns = columnList(target)
  const time = identifier(target.timeColumn)
  const before = `insert into ${target.name} (${columns})
select ${columns} from (
`
  const [start, end] = [compiled.bounds.length + 1, compiled.bounds.length + 2]
  return {
    insert: { offset: before.length, text: `${before}${compiled.text}\n) as kx_rows` },
    count: `select date_part('epoch', kx_at) * 1000 as at_ms, rows, rows as written, 0 as deleted, 0 as duplicates, ${wrong === undefined ? '0 as wrong' : 'wrong'}
from (
    ${countSql(
      {
        name: target.name,
        timeColumn: target.timeColumn,
        grain: target.grain,
        isIndexed: target.uniqueKey[0] === target.timeColumn,
      },
      { lower: '$1::timestamptz', upper: '$2::timestamptz' },
      wrong === undefined ? undefined : { ...wrong, name: 'wrong' },
    )}
) as kx_counts`,
    outside: `select date_part('epoch', min(${time})) * 1000 as at_ms, count(*) as rows
from (
${compiled.text}
) as kx_rows
where ${time} < $${start}::timestamptz or ${time} >= $${end}::timestamptz`,
  }
}
