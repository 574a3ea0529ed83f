import { identifier } from '../../base/index.ts'
import { sourceLedgerSchema, type Target, type Warehouse } from '../warehouse.ts'

/** A source that is read by the hour. */
export interface CountedTable {
  /** As the ledger names it: `bronze.ohlcv_native`. */
  readonly relation: string
  /** Quoted name of the table. */
  readonly table: string
  readonly timeColumn: string
}

/** An hour of a source that holds fewer rows than its ledger says. */
export interface ShrunkHour {
  readonly hourMs: number
  readonly rows: number
  readonly expected: number
}

/** What a table looks like from outside: rows cannot leave it without changing one of these. */
interface Hint {
  readonly n: number
  /** File of the table: another one after truncate, a restore, vacuum full. */
  readonly file_node: number
  /** Deleted since statistics began, by whomever. Flushed late: a hint, not a proof. */
  readonly deleted_rows: number
}

/**
 * Finds sources that lost rows behind the ledger's back: one small query when nothing points to it, a count of
 * the rows by hour where something does. What was counted and is whole is remembered.
 *
 * Steps count the hours they read themselves; this notices the loss where no step is due.
 *
 * @returns the hours of the first source that shrank, oldest first; undefined if all are whole
 */
export async function findShrunkSource(
  warehouse: Warehouse,
  tables: readonly CountedTable[],
): Promise<{ readonly relation: string; readonly hours: readonly ShrunkHour[] } | undefined> {
  for (const hint of await readChangedHints(warehouse, tables)) {
    const table = tables[hint.n]
    if (table === undefined) continue
    const hours = await readShrunkHours(warehouse, table)
    if (hours.length > 0) return { relation: table.relation, hours }
    await rememberHint(warehouse, table, hint)
  }
  return undefined
}

/** Of the tables that look other than when they were last counted. */
async function readChangedHints(warehouse: Warehouse, tables: readonly CountedTable[]): Promise<Hint[]> {
  if (tables.length === 0) return []
  const { rows } = await warehouse.query<Hint>(
    `select n::int4 - 1 as n, hint.file_node, hint.deleted_rows
from unnest($1::text[], $2::text[]) with ordinality as wanted (relation, table_name, n)
cross join lateral (
    select pg_relation_filenode(oid)::bigint as file_node, pg_stat_get_tuples_deleted(oid) as deleted_rows
    from (select to_regclass(table_name)::oid as oid) as class
) as hint
left join ${sourceTable(warehouse.target)} as known on known.relation = wanted.relation
where hint.file_node is not null
    and (hint.file_node, hint.deleted_rows) is distinct from (known.file_node, known.deleted_rows)`,
    [tables.map(({ relation }) => relation), tables.map(({ table }) => table)],
  )
  return rows
}

/** Rows and ledger in one snapshot: a load under way is seen in both or in neither. */
async function readShrunkHours(
  warehouse: Warehouse,
  { relation, table, timeColumn }: CountedTable,
): Promise<ShrunkHour[]> {
  const { rows } = await warehouse.query<{ hour_ms: number; rows: number; expected: number }>(
    `with counted as (
    select date_bin('1 hour', ${identifier(timeColumn)}, '1970-01-01T00:00:00Z') as hour, count(*) as rows
    from ${table}
    group by 1
)
select date_part('epoch', hour) * 1000 as hour_ms, coalesce(counted.rows, 0) as rows, known.rows as expected
from ${identifier(sourceLedgerSchema(warehouse.target))}.source_partition as known
left join counted using (hour)
where known.relation = $1 and not known.is_pruned and coalesce(counted.rows, 0) < known.rows
order by hour`,
    [relation],
  )
  return rows.map((row) => ({ hourMs: row.hour_ms, rows: row.rows, expected: row.expected }))
}

/** Only in a ledger of one's own: a trial beside production leaves production's alone. */
async function rememberHint(
  warehouse: Warehouse,
  { relation }: CountedTable,
  { file_node, deleted_rows }: Hint,
): Promise<void> {
  const { target } = warehouse
  if (target.schemaPrefix !== target.sourcePrefix) return
  await warehouse.query(
    `insert into ${sourceTable(target)} (relation, file_node, deleted_rows, counted_at)
values ($1, $2, $3, clock_timestamp())
on conflict (relation) do update set
    file_node = excluded.file_node,
    deleted_rows = excluded.deleted_rows,
    counted_at = excluded.counted_at`,
    [relation, file_node, deleted_rows],
  )
}

function sourceTable(target: Target): string {
  return `${identifier(sourceLedgerSchema(target))}.source`
}
