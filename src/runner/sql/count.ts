import { type Grain, identifier } from '../../base/index.ts'

/** A table whose rows are counted by partition. */
export interface CountedTable {
  /** Quoted name. */
  readonly name: string
  readonly timeColumn: string
  readonly grain: Grain
  /** Whether an index begins with `timeColumn`. */
  readonly isIndexed: boolean
}

/** More to count beside `rows`, as `name`, of the rows that meet `condition`, which calls them `alias`. */
export interface Also {
  readonly name: string
  readonly condition: string
  readonly alias: string
}

/**
 * Rows of `kx_at`, `rows` and what is asked for also, by partition of `[lower, upper)`. Asked of an index, partition
 * by partition, that is half of what it costs to sort rows into partitions; it names empty ones too.
 */
export function countSql(
  { name, timeColumn, grain, isIndexed }: CountedTable,
  { lower, upper }: { lower: string; upper: string },
  also?: Also,
): string {
  const column = identifier(timeColumn)
  const from = also === undefined ? name : `${name} as ${identifier(also.alias)}`
  const counts = `count(*) as rows${also === undefined ? '' : `, count(*) filter (where ${also.condition}) as ${also.name}`}`
  if (!isIndexed) {
    return `select date_bin('1 ${grain}', ${column}, '1970-01-01T00:00:00Z') as kx_at, ${counts}
    from ${from}
    where ${column} >= ${lower} and ${column} < ${upper}
    group by 1`
  }
  const width = `interval '1 ${grain}'`
  return `select kx_starts.kx_at, kx_counts.*
    from generate_series(${lower}, ${upper} - ${width}, ${width}) as kx_starts (kx_at)
    cross join lateral (
        select ${counts}
        from ${from}
        where ${column} >= kx_starts.kx_at and ${column} < kx_starts.kx_at + ${width}
    ) as kx_counts`
}
