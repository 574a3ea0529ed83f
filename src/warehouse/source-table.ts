import { identifier, KxError } from '../base/index.ts'
import type { Warehouse } from './warehouse.ts'

/** A table that the collector fills: what a bronze contract says of it. */
export interface SourceTable {
  /** Schema without prefix: `bronze`. */
  readonly schema: string
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: string; readonly isNullable: boolean }[]
  /** The columns of its index, time first; empty for none. */
  readonly keyOrder: readonly string[]
}

/** A column that the contract has and the table has not, or not so. */
interface ColumnGap {
  readonly table_index: number
  readonly column_index: number
  readonly has_table: boolean
  /** Null: the column is missing. */
  readonly actual: string | null
}

/**
 * Makes the tables of sources be what their contracts say: creates what is missing, adds new columns. One
 * catalog query when nothing is to be done.
 *
 * @throws {KxError} KX_COLUMNS_DIFFER if a column has another type
 */
export async function ensureSourceTables(
  warehouse: Warehouse,
  tables: readonly SourceTable[],
): Promise<void> {
  if ((await readGaps(warehouse, tables)).length === 0) return
  await using session = await warehouse.session()
  await session.query('begin')
  try {
    // Two first loads must not both create a table.
    await session.query(`select pg_advisory_xact_lock(hashtextextended('kx source tables', 0))`)
    const gaps = await readGaps({ target: warehouse.target, query: session.query.bind(session) }, tables)
    for (const [index, table] of tables.entries()) {
      const ofTable = gaps.filter((gap) => gap.table_index === index)
      const [first] = ofTable
      if (!first) continue
      const ddl = first.has_table ? addColumns(warehouse, table, ofTable) : createTable(warehouse, table)
      for (const statement of ddl) await session.query(statement)
    }
    await session.query('commit')
  } catch (error) {
    await session.query('rollback').catch(() => undefined)
    throw error
  }
}

async function readGaps(
  warehouse: Pick<Warehouse, 'target' | 'query'>,
  tables: readonly SourceTable[],
): Promise<ColumnGap[]> {
  const columns = tables.flatMap((table, t) =>
    table.columns.map((column, c) => ({ t, c, table, column, relation: tableName(warehouse, table) })),
  )
  const { rows } = await warehouse.query<ColumnGap>(
    `select table_index, column_index, class.oid is not null as has_table,
        pg_catalog.format_type(attribute.atttypid, attribute.atttypmod) as actual
    from unnest($1::int[], $2::int[], $3::text[], $4::text[], $5::text[])
        as wanted (table_index, column_index, relation, name, type)
    left join pg_catalog.pg_class as class on class.oid = to_regclass(wanted.relation)
    left join pg_catalog.pg_attribute as attribute
        on attribute.attrelid = class.oid
        and attribute.attname = wanted.name
        and attribute.attnum > 0
        and not attribute.attisdropped
    where attribute.atttypid is distinct from to_regtype(wanted.type)::oid
    order by table_index, column_index`,
    [
      columns.map(({ t }) => t),
      columns.map(({ c }) => c),
      columns.map(({ relation }) => relation),
      columns.map(({ column }) => column.name),
      columns.map(({ column }) => column.type),
    ],
  )
  return rows
}

function createTable(warehouse: Warehouse, table: SourceTable): string[] {
  const name = tableName(warehouse, table)
  const columns = table.columns.map((column) => columnClause(table, column, column.isNullable))
  const key = table.keyOrder.map((column) => identifier(column)).join(', ')
  return [
    `create schema if not exists ${identifier(`${warehouse.target.sourcePrefix}${table.schema}`)}`,
    `create table ${name} (${columns.join(', ')})`,
    ...(key === '' ? [] : [`create index ${identifier(`${table.name}_key_order`)} on ${name} (${key})`]),
  ]
}

/** Rows that are there already have no value for a new column, whatever the contract says. */
function addColumns(warehouse: Warehouse, table: SourceTable, gaps: readonly ColumnGap[]): string[] {
  return gaps.map((gap) => {
    const column = table.columns[gap.column_index]
    if (!column) throw new Error(`no column ${gap.column_index} in ${table.name}`)
    if (gap.actual !== null) throw retyped(table, column, gap.actual)
    return `alter table ${tableName(warehouse, table)} add column ${columnClause(table, column, true)}`
  })
}

function columnClause(
  table: SourceTable,
  { name, type }: { readonly name: string; readonly type: string },
  isNullable: boolean,
): string {
  const isTextKey = table.keyOrder.includes(name) && type === 'text'
  return `${identifier(name)} ${type}${isTextKey ? ' collate "C"' : ''}${isNullable ? '' : ' not null'}`
}

function retyped(table: SourceTable, column: { name: string; type: string }, actual: string): KxError {
  const name = `${table.schema}.${table.name}`
  return new KxError(
    'KX_COLUMNS_DIFFER',
    `${name}.${column.name} is ${actual}, its contract says ${column.type}`,
    {
      hint: `Write ${actual} in models/${table.schema}/${table.name}.yml, or alter the column yourself.`,
      at: { file: `models/${table.schema}/${table.name}.yml` },
    },
  )
}

function tableName({ target }: Pick<Warehouse, 'target'>, table: SourceTable): string {
  return identifier(`${target.sourcePrefix}${table.schema}`, table.name)
}
