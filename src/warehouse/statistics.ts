import type { Warehouse } from './warehouse.ts'

/** A table never analyzed is, once it has this many rows; one that was, when this many and a fifth of it changed. */
const MIN_NEW = 500
const MIN_CHANGED = 5000
const CHANGED_SHARE = 0.2
/** 300 rows are read for each: sizes and most common values, at a tenth of the time of the default. */
const SAMPLE = 10

/**
 * Analyzes the tables of which much changed since they were last: a table that was just filled has no
 * statistics, and an embedded server stops before autovacuum would come round. Two at a time.
 *
 * @param changedByTable rows written and deleted, by quoted name
 */
export async function refreshStatistics(
  warehouse: Pick<Warehouse, 'query' | 'session'>,
  changedByTable: ReadonlyMap<string, number>,
): Promise<void> {
  const changed = [...changedByTable].filter(([, rows]) => rows >= MIN_NEW)
  if (changed.length === 0) return
  const { rows } = await warehouse.query<{ name: string }>(
    `select u.name
from unnest($1::text[], $2::float8[]) as u (name, changed)
inner join pg_catalog.pg_class as class on class.oid = to_regclass(u.name)
where class.reltuples < 0 or u.changed > greatest(${MIN_CHANGED}, class.reltuples * ${CHANGED_SHARE})`,
    [changed.map(([name]) => name), changed.map(([, count]) => count)],
  )
  if (rows.length === 0) return
  const names = rows.map(({ name }) => name)
  await Promise.all(
    [0, 1].map((rest) =>
      analyze(
        warehouse,
        names.filter((_, i) => i % 2 === rest),
      ),
    ),
  )
}

async function analyze(warehouse: Pick<Warehouse, 'session'>, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  await using session = await warehouse.session()
  await session.query(`set default_statistics_target = ${SAMPLE}`)
  await session.query(`analyze ${names.join(', ')}`)
}
