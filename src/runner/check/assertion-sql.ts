import type { TimeRange } from '../../base/index.ts'
import { boundValues, type CompiledSql } from '../sql/index.ts'

/** A statement over several partitions, and where the template's own SQL begins in it, in characters. */
export interface AssertionSql {
  readonly text: string
  readonly bodyAt: number
}

/**
 * Counts an assertion's wrong rows in each of several partitions: rows of `n` and `failures`, without those that
 * have none. Every partition is asked by itself, in one statement: what passes in a batch passes alone.
 */
export function countSql(compiled: CompiledSql): AssertionSql {
  const before = `select kx_hours.n, kx_found.failures
from ${hoursSql(compiled)}
cross join lateral (
select count(*) as failures from (
`
  const after = `
) as kx_failures
) as kx_found
where kx_found.failures > 0
order by kx_hours.n`
  return surround(compiled, before, after)
}

/** Gives an assertion's wrong rows, `limit` at most. */
export function wrongRowsSql(compiled: CompiledSql, limit: number): AssertionSql {
  const before = `select kx_failures.*
from ${hoursSql(compiled)}
cross join lateral (
`
  return surround(compiled, before, `\n) as kx_failures\nlimit ${limit}`)
}

/** Gives the rows of several partitions, each built by itself. */
export function rowsByHourSql(compiled: CompiledSql): string {
  const before = `select kx_built.*
from ${hoursSql(compiled)}
cross join lateral (
`
  return surround(compiled, before, '\n) as kx_built').text
}

/** As wrongRowsSql, each row as one JSON text called `row`. */
export function wrongRowsJsonSql(compiled: CompiledSql, limit: number): AssertionSql {
  const before = `select to_json(kx_failures)::text as row
from ${hoursSql(compiled)}
cross join lateral (
`
  return surround(compiled, before, `\n) as kx_failures\nlimit ${limit}`)
}

/** The values of such a statement: numbers of the partitions, then each bound, partition by partition. */
export function hourValues({ bounds }: CompiledSql, partitions: readonly TimeRange[]): unknown[] {
  const rows = partitions.map((partition) => boundValues(bounds, partition))
  return [partitions.map((_, n) => n), ...bounds.map((_, b) => rows.map((row) => row[b]))]
}

function hoursSql({ bounds }: CompiledSql): string {
  const arrays = ['$1::integer[]', ...bounds.map((_, b) => `$${b + 2}::timestamptz[]`)]
  const names = ['n', ...bounds.map((_, b) => `bound${b + 1}`)]
  return `unnest(${arrays.join(', ')}) as kx_hours (${names.join(', ')})`
}

/** `kx_hours.bound1` is as long as `$1::timestamptz`: positions in an error still lead to the template. */
function surround({ text, bodyOffset }: CompiledSql, before: string, after: string): AssertionSql {
  const perHour = text.replace(/\$(\d+)::timestamptz/g, 'kx_hours.bound$1')
  return { text: `${before}${perHour}${after}`, bodyAt: before.length + bodyOffset }
}
