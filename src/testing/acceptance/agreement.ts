import type { Warehouse } from '../../warehouse/index.ts'

/** How long a session that was cut off may take to notice, ms. */
const SESSIONS_END_MS = 10_000

/**
 * Holds data and ledger of a warehouse together, once every kx session of its database is gone.
 *
 * @returns what does not agree, a sentence each; empty if all does
 */
export async function checkAgreement(warehouse: Warehouse): Promise<string[]> {
  await sessionsGone(warehouse)
  const complaints = await lines(warehouse, LEFT_BEHIND)
  if (await isThere(warehouse, 'bronze.ohlcv_native')) complaints.push(...(await lines(warehouse, SOURCES)))
  for (const { model, name, time } of await tables(warehouse))
    complaints.push(...(await lines(warehouse, modelSql(name, time), [model])))
  return complaints
}

/** Waits for the sessions of `kx run` and `kx load`, dead or alive, to leave the server. */
export async function sessionsGone(warehouse: Warehouse): Promise<void> {
  const untilMs = Date.now() + SESSIONS_END_MS
  while ((await lines(warehouse, SESSIONS)).length > 0 && Date.now() < untilMs)
    await new Promise((resolve) => setTimeout(resolve, 5))
}

const SESSIONS = `select application_name || ' is still connected: ' || state || ' ' || query
from pg_stat_activity
where datname = current_database() and application_name ~ '^kx (run|load|plan)'`

const LEFT_BEHIND = `${SESSIONS}
union all
select 'advisory lock ' || objid || ' of session ' || pid
from pg_locks
where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
union all
select 'temporary table ' || relname from pg_class where relpersistence = 't' and relkind in ('r', 'v')
union all
select 'prepared transaction ' || gid from pg_prepared_xacts where database = current_database()`

const SOURCES = `with held as (
    select date_trunc('hour', interval_start) as hour, count(*) as rows from bronze.ohlcv_native group by 1
),
known as (
    select hour, rows from kx.source_partition where relation = 'bronze.ohlcv_native'
)
select format('bronze has %s rows in %s, kx.source_partition says %s', coalesce(held.rows, 0), hour, known.rows)
from held
full join known using (hour)
where coalesce(held.rows, 0) is distinct from known.rows
union all
select format('bronze has %s rows, kx.load says %s', held.rows, loads.rows)
from (select count(*) as rows from bronze.ohlcv_native) as held
cross join (select coalesce(sum(rows), 0) as rows from kx.load) as loads
where held.rows <> loads.rows
union all
select format('%s: kx.load_file says %s rows, bronze has %s', landing_file, file.rows, count(bronze.landing_file))
from kx.load_file as file
left join bronze.ohlcv_native as bronze using (landing_file)
group by landing_file, file.rows
having file.rows <> count(bronze.landing_file)
union all
select 'in bronze twice: ' || landing_file || ':' || landing_line || ' ' || interval_start
from bronze.ohlcv_native
group by landing_file, landing_line, interval_start, row
having count(*) > 1`

/** A row belongs to the newest partition of the ledger that begins before it: one of no partition counts wrong. */
function modelSql(name: string, time: string): string {
  return `with held as (
    select ledger.partition_start as at, count(*) as rows
    from ${name} as t
    left join lateral (
        select partition_start
        from kx.partition
        where model = $1 and status is not null and partition_start <= t.${time}
        order by partition_start desc
        limit 1
    ) as ledger on true
    group by 1
),
known as (
    select partition_start as at, rows from kx.partition where model = $1 and status is not null
)
select format('%s has %s rows in %s, kx.partition says %s', $1::text, coalesce(held.rows, 0), coalesce(held.at, known.at), known.rows)
from held
full join known on known.at = held.at
where coalesce(held.rows, 0) is distinct from known.rows`
}

/** The checksum of every table that kx fills, by name: rows as text in their own order, moments of doing left out. */
export async function checksums(warehouse: Warehouse): Promise<Record<string, string>> {
  const models = (await tables(warehouse)).map(({ model, name }) => [model, `select * from ${name}`] as const)
  const sums: Record<string, string> = {}
  for (const [name, sql] of [...models, ...LEDGERS]) {
    const [sum = ''] = await lines(
      warehouse,
      `select count(*) || ' rows ' || coalesce(md5(string_agg(t::text, E'\\n' order by t::text)), '')
from (${sql}) as t`,
    )
    sums[name] = sum
  }
  return sums
}

const LEDGERS = [
  ['bronze', "select to_jsonb(b) - '{load_id,loaded_at}'::text[] as t from bronze.ohlcv_native as b"],
  ['instruments', "select to_jsonb(b) - 'first_seen_at' as t from bronze.instrument as b"],
  ['kx.partition', 'select model, partition_start, status, code_hash, rows from kx.partition'],
  ['kx.source_partition', 'select relation, hour, rows, is_pruned from kx.source_partition'],
  ['kx.load_file', 'select landing_file, to_byte, to_line, checksum, rows, bad_lines from kx.load_file'],
] as const

interface ModelTable {
  readonly model: string
  readonly name: string
  /** Its first timestamp. */
  readonly time: string
}

async function tables(warehouse: Warehouse): Promise<ModelTable[]> {
  const { rows } = await warehouse.query<ModelTable>(
    `select model, format('%I.%I', schema_name, relation_name) as name, (
    select quote_ident(pair ->> 0)
    from jsonb_array_elements(columns::jsonb) with ordinality as u (pair, n)
    where pair ->> 1 = 'timestamp with time zone'
    order by n
    limit 1
) as time
from kx.relation
where kind = 'table'
order by model`,
  )
  return rows
}

async function isThere(warehouse: Warehouse, relation: string): Promise<boolean> {
  return (
    (await lines(warehouse, `select relname from pg_class where oid = to_regclass('${relation}')`)).length > 0
  )
}

async function lines(warehouse: Warehouse, sql: string, values: readonly unknown[] = []): Promise<string[]> {
  const { rows } = await warehouse.query<Record<string, string>>(sql, values)
  return rows.map((row) => String(Object.values(row)[0]))
}
