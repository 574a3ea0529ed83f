import { identifier } from '../../base/index.ts'
import type { CompiledSql } from './compile.ts'
import { bucketMs, columnList, type WriteSql, type WriteTarget } from './write.ts'

/**
 * How many empty partitions are filled at once: insert plainly, then count what is there. For tens of thousands of
 * rows that is a fifth cheaper than handing each through `returning`.
 */
export interface BulkSql {
  readonly insert: WriteSql
  /** Rows as of WriteSql, for the partitions between `$1` and `$2`. */
  readonly count: string
  /** The first row (`at_ms`) outside the partitions, and how many: `start` and `end` are added to the bounds. */
  readonly outside: string
}

/** The statements for a table with partitions; undefined for what is built once. */
export function bulkSql(target: WriteTarget, compiled: CompiledSql): BulkSql | undefined {
  if (target.timeColumn === undefined || target.grain === undefined) return undefined
  const columns = columnList(target)
  const time = identifier(target.timeColumn)
  const before = `insert into ${target.name} (${columns})
select ${columns} from (
`
  const [start, end] = [compiled.bounds.length + 1, compiled.bounds.length + 2]
  return {
    insert: { offset: before.length, text: `${before}${compiled.text}\n) as kx_rows` },
    count: `select ${bucketMs(target, 'kx_at')} as at_ms, rows, rows as written, 0 as deleted, 0 as duplicates
from (
    select date_bin('1 ${target.grain}', ${time}, '1970-01-01T00:00:00Z') as kx_at, count(*) as rows
    from ${target.name}
    where ${time} >= $1::timestamptz and ${time} < $2::timestamptz
    group by 1
) as kx_counts`,
    outside: `select date_part('epoch', min(${time})) * 1000 as at_ms, count(*) as rows
from (
${compiled.text}
) as kx_rows
where ${time} < $${start}::timestamptz or ${time} >= $${end}::timestamptz`,
  }
}
