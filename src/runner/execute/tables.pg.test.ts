import { expect, test } from 'vitest'
import { aRunner, HOURLY } from '../../testing/a-run.ts'

const SUMS = `{{ config(materialized='table', unique_key='name') }}
select name, sum(value order by hour_start) as total from {{ ref('hourly') }} group by name`

test('a table is replaced in place by what differs, and only when something it reads moved', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY, 'models/marts/sums.sql': SUMS })
  await kx.feed([
    [0, 'a', 1],
    [0, 'b', 2],
    [1, 'a', 3],
  ])
  await kx.run()
  const before = await kx.rows('select name, ctid from marts.sums order by 1')
  await kx.feed([[1, 'a', 10]])

  const { out } = await kx.run()

  expect(out.filter((line) => line.includes('marts.sums'))).toEqual([expect.stringContaining('2 rows +1 −0')])
  expect(await kx.rows('select * from marts.sums order by 1')).toEqual(['a 14', 'b 2'])
  expect((await kx.rows('select name, ctid from marts.sums order by 1'))[1]).toBe(before[1])
  expect((await kx.run()).out).toEqual(['nothing to do: 2 models current'])
})

test('a table without a key is compared row by row, as many of each as there are', async () => {
  const table = (rows: string) => `{{ config(materialized='table') }}
select name, value, ('{"n": "' || value || '"}')::json as told from (${rows}) as t`
  const kx = await aRunner({
    'models/marts/names.sql': table("select name, value from {{ source('bronze', 'tick') }}"),
  })
  await kx.feed([
    [0, 'a', 1],
    [0, 'a', 1],
    [0, 'b', Number.NaN],
    [1, 'c', Number.POSITIVE_INFINITY],
  ])
  await kx.run()
  kx.write({
    'models/marts/names.sql': table(
      "select distinct name, value from {{ source('bronze', 'tick') }} where name <> 'c' union all select 'd', null",
    ),
  })

  const { out } = await kx.run()

  expect(out[0]).toContain('3 rows +1 −2')
  expect(await kx.rows('select name, value from marts.names order by 1')).toEqual(['a 1', 'b NaN', 'd '])
})

test('a table without a key and many rows is compared in moments', async () => {
  const kx = await aRunner({
    'models/marts/numbers.sql': `{{ config(materialized='table') }}
select n, 'some text' as note from generate_series(1, 30000) as n`,
  })
  await kx.run()
  kx.write({
    'models/marts/numbers.sql': `{{ config(materialized='table') }}
select n, 'some text' as note from generate_series(3, 30001) as n`,
  })
  const startedMs = performance.now()

  const { out } = await kx.run()

  expect(out[0]).toContain('29,999 rows +1 −2')
  expect(performance.now() - startedMs).toBeLessThan(5000)
})

test('before any data there are empty tables and views, and nothing fails', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'models/marts/sums.sql': SUMS,
    'models/gold/recent.sql': "{{ config(materialized='view') }}\nselect * from {{ ref('hourly') }}",
  })

  const { code, out } = await kx.run()

  expect([code, out.filter((line) => line.startsWith('created')).length]).toEqual([0, 3])
  expect(await kx.rows('select * from gold.recent')).toEqual([])
  await kx.feed([[0, 'a', 1]])
  expect((await kx.run()).code).toBe(0)
  expect(await kx.rows('select * from marts.sums')).toEqual(['a 1'])
})

test('a table needs no particular hours: one that failed holds it up as little as one that is missing', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY.replace('sum(value order by at, value)', '1 / sum(value - 7)'),
    'models/marts/sums.sql': SUMS,
  })
  await kx.feed([
    [0, 'a', 1],
    [1, 'a', 7],
    [2, 'a', 9],
  ])

  const { code } = await kx.run()

  expect(code).toBe(1)
  expect(await kx.rows('select name, round(total::numeric, 3) from marts.sums')).toEqual(['a 0.333'])
})

test('a table waits for a model that cannot work at all', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY, 'models/marts/sums.sql': SUMS })
  await kx.feed([[0, 'a', 1]])
  await kx.run()
  kx.write({ 'models/silver/hourly.sql': HOURLY.replace('group by', 'where nonsense group by') })

  const { code, out } = await kx.run()

  expect(code).toBe(1)
  expect(out.join('\n')).toMatch(/blocked +marts\.sums +once +silver\.hourly is missing or failed/)
})

test('a view is new only through its code, and what reads it follows', async () => {
  const view =
    "{{ config(materialized='view', time_column='hour_start') }}\nselect *, value as doubled from {{ ref('hourly') }}"
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'models/silver/shown.sql': view,
    'models/gold/read.sql': `{{ config(materialized='incremental', time_column='hour_start', unique_key=['hour_start', 'name']) }}
select hour_start, name, doubled from {{ ref('shown') }}`,
  })
  await kx.feed([
    [0, 'a', 1],
    [1, 'a', 2],
  ])
  await kx.run()
  await kx.feed([[1, 'a', 3]])
  const late = await kx.run()
  kx.write({ 'models/silver/shown.sql': view.replace('value as', 'value * 2 as') })
  const edited = await kx.run()

  expect(late.out.map((line) => line.split(/\s+/).slice(0, 3).join(' ')).slice(0, 2)).toEqual([
    'built silver.hourly 2024-05-01T01',
    'built gold.read 2024-05-01T01',
  ])
  expect(edited.out.some((line) => line.includes('silver.shown changed'))).toBe(true)
  expect(await kx.rows('select doubled from gold.read order by hour_start')).toEqual(['2', '10'])
})

test('a seed makes every hour stale, unless it is read with window none', async () => {
  const reading = (
    window: string,
  ) => `{{ config(materialized='incremental', time_column='hour_start', unique_key=['hour_start', 'name']) }}
select h.hour_start, h.name, l.label from {{ ref('hourly') }} as h left join {{ ref('label'${window}) }} as l using (name)`
  const kx = await aRunner({
    'seeds/label.csv': 'name,label\na,Alpha\n',
    'models/silver/hourly.sql': HOURLY,
    'models/gold/tracked.sql': reading(''),
    'models/gold/untracked.sql': reading(", window='none'"),
  })
  await kx.feed([
    [0, 'a', 1],
    [1, 'b', 2],
  ])
  await kx.run()
  const versions = await kx.rows(
    "select partition_start, version from kx.partition where model = 'gold.tracked' order by 1",
  )
  kx.write({ 'seeds/label.csv': 'name,label\na,Aleph\n' })

  await kx.run()

  expect(await kx.rows('select label from gold.tracked order by hour_start')).toEqual(['Aleph', ''])
  expect(await kx.rows('select label from gold.untracked order by hour_start')).toEqual(['Alpha', ''])
  const after = await kx.rows(
    "select partition_start, version from kx.partition where model = 'gold.tracked' order by 1",
  )
  expect(after[0]).not.toBe(versions[0])
  expect(after[1]).toBe(versions[1])
  expect((await kx.run()).out).toEqual(['nothing to do: 4 models current'])
})

test('a model that was a table for a while is built by the hour again', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await kx.feed([
    [0, 'a', 1],
    [1, 'a', 2],
  ])
  await kx.run()
  const table = HOURLY.replace("materialized='incremental'", "materialized='table'")
  kx.write({ 'models/silver/hourly.sql': table.replace('as value', '* 10 as value') })
  await kx.run()
  const asTable = await kx.rows('select value from silver.hourly order by 1')
  kx.write({ 'models/silver/hourly.sql': HOURLY })

  await kx.run()

  expect(asTable).toEqual(['10', '20'])
  expect(await kx.rows('select value from silver.hourly order by 1')).toEqual(['1', '2'])
})
