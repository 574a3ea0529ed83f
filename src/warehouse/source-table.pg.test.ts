import { expect, test } from 'vitest'
import { aWarehouse } from '../testing/database.ts'
import { candleTable, instrumentTable } from '../testing/source-tables.ts'
import { ensureSourceTables } from './source-table.ts'

const COLUMNS = `select string_agg(column_name || ' ' || data_type || coalesce(' ' || collation_name, ''), ', ' order by ordinal_position)
  from information_schema.columns where table_schema = 'bronze' and table_name = 't'`
const table = {
  schema: 'bronze',
  name: 't',
  keyOrder: ['at', 'symbol'],
  columns: [
    { name: 'at', type: 'timestamptz', isNullable: false },
    { name: 'symbol', type: 'text', isNullable: false },
  ],
}

test('a table is made from its contract, once, by two at a time', async () => {
  const warehouse = await aWarehouse()

  await Promise.all([ensureSourceTables(warehouse, [table]), ensureSourceTables(warehouse, [table])])

  const { rows } = await warehouse.query(COLUMNS)
  expect(rows).toEqual([{ string_agg: 'at timestamp with time zone, symbol text C' }])
})

test('the shipped contracts are created under a prefix', async () => {
  const warehouse = await aWarehouse({ sourcePrefix: 'dev_' })

  await ensureSourceTables(warehouse, [candleTable, instrumentTable])

  const { rows } = await warehouse.query(
    `select indexdef from pg_indexes where schemaname = 'dev_bronze' order by 1`,
  )
  expect(rows).toHaveLength(2)
})

test('a new column is added, a retyped one refused by name', async () => {
  const warehouse = await aWarehouse()
  await ensureSourceTables(warehouse, [table])
  const wider = {
    ...table,
    columns: [...table.columns, { name: 'price', type: 'float8', isNullable: false }],
  }
  const retyped = { ...table, columns: [{ name: 'at', type: 'date', isNullable: false }] }

  await ensureSourceTables(warehouse, [wider])

  const { rows } = await warehouse.query(COLUMNS)
  expect(rows).toEqual([{ string_agg: 'at timestamp with time zone, symbol text C, price double precision' }])
  await expect(ensureSourceTables(warehouse, [retyped])).rejects.toMatchObject({
    code: 'KX_COLUMNS_DIFFER',
    message: 'bronze.t.at is timestamp with time zone, its contract says date',
  })
})
