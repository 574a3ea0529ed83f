import { expect, test } from 'vitest'
import { aRunner, HOURLY } from '../../testing/a-run.ts'

const REBUILD = HOURLY.replace('materialized=', "on_schema_change='rebuild', materialized=")

test("another key becomes the table's constraint, and every hour is built by it", async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'models/gold/seen.sql': "{{ config(materialized='view') }}\nselect name from {{ ref('hourly') }}",
  })
  await kx.feed([
    [0, 'a', 1],
    [1, 'b', 2],
  ])
  await kx.run()
  kx.write({
    'models/silver/hourly.sql': HOURLY.replace("['hour_start', 'name']", "['hour_start', 'name', 'value']"),
  })

  const { code, out } = await kx.run()

  expect([code, out[0]]).toEqual([0, 'altered   silver.hourly key hour_start, name, value'])
  expect(
    await kx.rows(
      "select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'silver.hourly'::regclass and contype = 'u'",
    ),
  ).toEqual(['UNIQUE (hour_start, name, value)'])
  expect(await kx.rows('select * from gold.seen order by 1')).toEqual(['a', 'b'])
})

test('a key that old rows share is an error that says so', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await kx.feed([
    [0, 'a', 1],
    [0, 'b', 2],
  ])
  await kx.run()
  kx.write({
    'models/silver/hourly.sql': HOURLY.replace("['hour_start', 'name']", "'hour_start'"),
  })

  const { code, err } = await kx.run()

  expect(code).toBe(1)
  expect(err.join('\n')).toContain('KX_KEY_DUPLICATE models/silver/hourly.sql')
  expect(err.join('\n')).toContain('delete from "silver"."hourly"')
})

test('on_schema_change fail refuses even a new column, and says which', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await kx.feed([[0, 'a', 1]])
  await kx.run()
  kx.write({
    'models/silver/hourly.sql': HOURLY.replace(
      'materialized=',
      "on_schema_change='fail', materialized=",
    ).replace('as value', 'as value, count(*) as ticks'),
  })

  const { code, err } = await kx.run()

  expect(code).toBe(1)
  expect(err.join('\n')).toContain('+ ticks bigint')
  expect(await kx.rows('select * from silver.hourly')).toEqual(['2024-05-01 00:00:00+00 a 1'])
})

test('views that kx made come back with their grants, children too', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': REBUILD,
    'models/gold/seen.sql': "{{ config(materialized='view') }}\nselect * from {{ ref('hourly') }}",
    'models/marts/deeper.sql': "{{ config(materialized='view') }}\nselect name from {{ ref('seen') }}",
  })
  await kx.feed([[0, 'a', 1]])
  await kx.run()
  await kx.rows('grant select on gold.seen to public')
  await kx.rows('grant select on marts.deeper to public')
  kx.write({ 'models/silver/hourly.sql': REBUILD.replace('as value', '::numeric as value') })

  const { code } = await kx.run()

  expect(code).toBe(0)
  expect(
    await kx.rows(
      "select has_table_privilege('public', 'gold.seen', 'select'), has_table_privilege('public', 'marts.deeper', 'select')",
    ),
  ).toEqual(['t t'])
  expect(await kx.rows('select pg_typeof(value) from gold.seen')).toEqual(['numeric'])
})

test('a view that gives other columns keeps its own grants', async () => {
  const view = (columns: string) =>
    `{{ config(materialized='view') }}\nselect ${columns} from {{ ref('hourly') }}`
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'models/gold/seen.sql': view('hour_start, name'),
  })
  await kx.feed([[0, 'a', 1]])
  await kx.run()
  await kx.rows('grant select on gold.seen to public')
  kx.write({ 'models/gold/seen.sql': view('name, hour_start') })

  const { code } = await kx.run()

  expect(code).toBe(0)
  expect(await kx.rows('select * from gold.seen')).toEqual(['a 2024-05-01 00:00:00+00'])
  expect(await kx.rows("select has_table_privilege('public', 'gold.seen', 'select')")).toEqual(['t'])
})

test.each([
  ['view', 'create view public.mine as select value from silver.hourly', 'drop view "public"."mine";'],
  [
    'materialized view',
    'create materialized view public.mine as select value from silver.hourly',
    'drop materialized view "public"."mine";',
  ],
  [
    'function',
    'create function public.mine() returns double precision begin atomic select max(value) from silver.hourly; end',
    'drop function public.mine();',
  ],
])("somebody else's %s in the way is named, with the drop to type", async (_, sql, drop) => {
  const kx = await aRunner({ 'models/silver/hourly.sql': REBUILD })
  await kx.feed([[0, 'a', 1]])
  await kx.run()
  await kx.rows(sql)
  kx.write({ 'models/silver/hourly.sql': REBUILD.replace(', sum(value order by at, value) as value', '') })

  const { code, err } = await kx.run()

  expect(code).toBe(1)
  expect(err.join('\n')).toContain('KX_RELATION_BLOCKED models/silver/hourly.sql')
  expect(err.join('\n')).toContain(drop)
  expect(await kx.rows('select value from silver.hourly')).toEqual(['1'])
})

test('two runs that find new columns at once change the table once', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await kx.feed(Array.from({ length: 10 }, (_, hour) => [hour, 'a', hour] as const))
  await kx.run()
  kx.write({ 'models/silver/hourly.sql': HOURLY.replace('as value', 'as value, count(*) as ticks') })

  const runs = await Promise.all([kx.run({ batch: '1' }), kx.run({ batch: '1' })])

  expect(runs.map(({ code }) => code)).toEqual([0, 0])
  expect(await kx.rows('select distinct ticks from silver.hourly')).toEqual(['1'])
})

test('a table that kx did not make is left alone', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await kx.rows('create schema silver')
  await kx.rows('create table silver.hourly (mine int)')
  await kx.feed([[0, 'a', 1]])

  const { code, err } = await kx.run()

  expect(code).toBe(1)
  expect(err.join('\n')).toContain('KX_RELATION_FOREIGN')
})

test('a contract may call its types what it likes', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'models/silver/hourly.yml': `
description: Sums.
columns:
  hour_start: { type: timestamptz, description: Hour. }
  name: { type: varchar, description: What. }
  value: { type: 'numeric(20,4)', description: Sum. }
`,
  })
  await kx.feed([[0, 'a', 1]])
  await kx.run()
  kx.write({ 'models/silver/hourly.sql': HOURLY.replace('as value', '+ 1 as value') })

  const { code, out } = await kx.run()

  expect([code, out[0]?.slice(0, 8)]).toEqual([0, 'built   '])
  expect(await kx.rows('select value from silver.hourly')).toEqual(['2.0000'])
})
