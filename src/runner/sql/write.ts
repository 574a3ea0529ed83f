import { type Grain, identifier } from '../../base/index.ts'
import type { Strategy } from '../model/index.ts'
import type { CompiledSql } from './compile.ts'

/** The table a step writes. */
export interface WriteTarget {
  /** Quoted name. */
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly uniqueKey: readonly string[]
  /** Undefined for what is built once. */
  readonly timeColumn: string | undefined
  readonly grain: Grain | undefined
  readonly strategy: Strategy
  readonly updateWhen: string | undefined
}

/**
 * A statement that writes a step's rows. It gives one row per partition touched: `at_ms` (ms since the epoch;
 * null for what is built once), `rows` the partition now has by this query, `written`, `deleted`, and
 * `duplicates`, the keys that came twice.
 */
export interface WriteSql {
  readonly text: string
  /** Where `CompiledSql.text` begins in `text`, in characters. */
  readonly offset: number
}

/** Inserts the rows of a partition whose table part is empty: the plain, fastest statement. */
export function insertSql(target: WriteTarget, compiled: CompiledSql): WriteSql {
  const columns = columnList(target)
  const before = `with kx_written as (
insert into ${target.name} (${columns})
select ${columns} from (
`
  const at = target.timeColumn === undefined ? 'null::timestamptz' : identifier(target.timeColumn)
  return {
    offset: before.length,
    text: `${before}${compiled.text}
) as kx_rows
returning ${at} as kx_at
)
select ${bucketMs(target, 'kx_at')} as at_ms, count(*) as rows, count(*) as written, 0 as deleted, 0 as duplicates
from kx_written
group by 1`,
  }
}

/** Writes only the difference between the new rows and what the table holds in `[$start, $end)`. */
export function differenceSql(
  target: WriteTarget,
  compiled: CompiledSql,
  range: { start: number; end: number },
): WriteSql {
  if (target.strategy === 'append' || target.uniqueKey.length === 0)
    return multisetSql(target, compiled, range)
  const before = `with kx_new as materialized (
${castHead(target)}
`
  const keys = target.uniqueKey.map((column) => identifier(column))
  const rest = target.columns.filter((column) => !target.uniqueKey.includes(column.name))
  const sameKey = keys.map((key) => `kx_old.${key} = kx_new.${key}`).join(' and ')
  const columns = columnList(target)
  const within = rangeCondition(target, 'kx_old', range)
  const differs =
    rest.length === 0
      ? 'false'
      : `(${rest.map((c) => comparable('kx_new', c)).join(', ')}) is distinct from (${rest.map((c) => comparable('kx_old', c)).join(', ')})`
  const guard = target.updateWhen === undefined ? differs : `${differs} and (${guardSql(target.updateWhen)})`
  const update =
    rest.length === 0
      ? 'do nothing'
      : `do update set ${rest.map(({ name }) => `${identifier(name)} = excluded.${identifier(name)}`).join(', ')}`
  const at = target.timeColumn === undefined ? 'null::timestamptz' : identifier(target.timeColumn)
  const deletes = target.strategy === 'replace' ? deleteGone(target, keys, within) : NOTHING_GONE
  return {
    offset: before.length,
    text: `${before}${compiled.text}
) as kx_model_rows
),
kx_gone as (
${deletes}
),
kx_written as (
insert into ${target.name} (${columns})
select ${target.columns.map(({ name }) => `kx_new.${identifier(name)}`).join(', ')}
from kx_new
left join ${target.name} as kx_old on ${sameKey} and ${within}
where kx_old.${keys[0]} is null or (${guard})
on conflict (${keys.join(', ')}) ${update}
returning ${at} as kx_at
)
${summarySql(target, `select count(*) from (select from kx_new group by ${keys.join(', ')} having count(*) > 1) as kx_twice`)}`,
  }
}

const NOTHING_GONE = 'select null::timestamptz as kx_at where false'

/**
 * Deletes the rows of the range whose key is not among the new ones. Keys are counted, not joined: how many new
 * rows there are is anyone's guess to the planner, and a nested loop over two full hours is slow.
 */
function deleteGone(target: WriteTarget, keys: readonly string[], within: string): string {
  const list = keys.join(', ')
  const at = target.timeColumn === undefined ? 'null::timestamptz' : identifier(target.timeColumn)
  return `delete from ${target.name}
where ctid = any (array(
    select min(kx_id)
    from (
        select ${list}, ctid as kx_id from ${target.name} as kx_old where ${within}
        union all
        select ${list}, null from kx_new
    ) as kx_keys
    group by ${list}
    having count(*) = count(kx_id)
))
returning ${at} as kx_at`
}

/** Rows compared whole, as a multiset: `append` adds what is not there, a keyless table also drops the rest. */
function multisetSql(
  target: WriteTarget,
  compiled: CompiledSql,
  range: { start: number; end: number },
): WriteSql {
  const before = `with kx_new as materialized (
${castHead(target)}
`
  const columns = columnList(target)
  const texts = target.columns.map((c) => comparable(undefined, c)).join(', ')
  const back = target.columns.map((c) => restored(c)).join(', ')
  const within = rangeCondition(target, 'kx_old', range)
  const at = target.timeColumn === undefined ? 'null::timestamptz' : identifier(target.timeColumn)
  const deletes = target.strategy === 'append' ? NOTHING_GONE : deleteSurplus(target, texts, within)
  return {
    offset: before.length,
    text: `${before}${compiled.text}
) as kx_model_rows
),
kx_gone as (
${deletes}
),
kx_written as (
insert into ${target.name} (${columns})
select ${back} from (
    select ${texts} from kx_new
    except all
    select ${texts} from ${target.name} as kx_old where ${within}
) as kx_added (${columns})
returning ${at} as kx_at
)
${summarySql(target, 'select 0')}`,
  }
}

/** Deletes of every kind of row as many as the new rows have fewer of. Sorted, never joined: a join has no key. */
function deleteSurplus(target: WriteTarget, texts: string, within: string): string {
  const at = target.timeColumn === undefined ? 'null::timestamptz' : identifier(target.timeColumn)
  const alike = target.columns.map((_, i) => `kx_${i}`).join(', ')
  return `delete from ${target.name}
where ctid = any (array(
    select kx_id
    from (
        select kx_id, row_number() over (partition by ${alike} order by kx_id) as kx_n,
            count(*) filter (where kx_id is null) over (partition by ${alike}) as kx_kept
        from (
            select ${texts}, ctid from ${target.name} as kx_old where ${within}
            union all
            select ${texts}, null from kx_new
        ) as kx_rows (${alike}, kx_id)
    ) as kx_counted
    where kx_id is not null and kx_n > kx_kept
))
returning ${at} as kx_at`
}

function summarySql(target: WriteTarget, duplicates: string): string {
  const at = target.timeColumn === undefined ? 'null::timestamptz' : identifier(target.timeColumn)
  return `select at_ms, sum(rows)::bigint as rows, sum(written)::bigint as written, sum(deleted)::bigint as deleted, (${duplicates}) as duplicates
from (
    select ${bucketMs(target, at)} as at_ms, count(*) as rows, 0 as written, 0 as deleted from kx_new group by 1
    union all
    select ${bucketMs(target, 'kx_at')}, 0, count(*), 0 from kx_written group by 1
    union all
    select ${bucketMs(target, 'kx_at')}, 0, 0, count(*) from kx_gone group by 1
) as kx_counts
group by at_ms`
}

/** Start of the partition that `at` lies in, ms since the epoch. */
function bucketMs(target: Pick<WriteTarget, 'grain'>, at: string): string {
  if (target.grain === undefined) return 'null::float8'
  return `date_part('epoch', date_bin('1 ${target.grain}', ${at}, '1970-01-01T00:00:00Z')) * 1000`
}

function rangeCondition(target: WriteTarget, alias: string, range: { start: number; end: number }): string {
  if (target.timeColumn === undefined || target.grain === undefined) return 'true'
  const column = `${alias}.${identifier(target.timeColumn)}`
  return `${column} >= $${range.start}::timestamptz and ${column} < $${range.end}::timestamptz`
}

/** The table's columns, quoted. */
export function columnList(target: WriteTarget): string {
  return target.columns.map(({ name }) => identifier(name)).join(', ')
}

/** Casting to these cuts a text that does not fit; writing it is an error, and stays one. */
const CUTS = /^(character|char|varchar|bpchar|bit|varbit)\b/i

/** New rows as the table will hold them: what it rounds would else differ from itself for ever. */
function castHead(target: WriteTarget): string {
  const columns = target.columns.map(({ name, type }) => {
    const column = identifier(name)
    return CUTS.test(type) ? column : `${column}::${type} as ${column}`
  })
  return `select ${columns.join(', ')} from (`
}

/** These have no equality, or one that compares areas: their text stands for them. */
const COMPARED_AS_TEXT = /^(json|xml|point|line|lseg|box|path|polygon|circle)(\[\])*$/i

function comparable(alias: string | undefined, { name, type }: { name: string; type: string }): string {
  const column = alias === undefined ? identifier(name) : `${alias}.${identifier(name)}`
  return COMPARED_AS_TEXT.test(type) ? `${column}::text` : column
}

function restored({ name, type }: { name: string; type: string }): string {
  return COMPARED_AS_TEXT.test(type) ? `${identifier(name)}::${type}` : identifier(name)
}

/** `old` and `new` in update_when are the two rows. */
function guardSql(updateWhen: string): string {
  return updateWhen.replace(/\bold\./g, 'kx_old.').replace(/\bnew\./g, 'kx_new.')
}

/** Finds keys that come more than once in the new rows, five at most, to show them. */
export function duplicateKeysSql(target: WriteTarget, compiled: CompiledSql): WriteSql {
  const keys = target.uniqueKey.map((key) => identifier(key)).join(', ')
  const before = `select ${keys}, count(*) as rows from (
`
  return {
    offset: before.length,
    text: `${before}${compiled.text}\n) as kx_rows group by ${keys} having count(*) > 1 order by ${keys} limit 5`,
  }
}
