import { expect, test } from 'vitest'
import { aRunner, HOURLY } from '../../testing/a-run.ts'

test('tables, views, ephemerals and seeds are built with what they read', async () => {
  const kx = await aRunner({
    'seeds/label.csv': 'name,label,weight\na,Alpha,2\nb,,3\n',
    'models/silver/hourly.sql': HOURLY,
    'models/silver/labelled.sql':
      "{{ config(materialized='ephemeral') }}\nselect h.*, l.label, l.weight from {{ ref('hourly') }} as h left join {{ ref('label') }} as l using (name)",
    'models/gold/weighted.sql': `{{ config(materialized='incremental', time_column='hour_start', unique_key=['hour_start', 'name']) }}
select hour_start, name, label, value * weight as weighted from {{ ref('labelled') }}`,
    'models/gold/recent.sql': "{{ config(materialized='view') }}\nselect * from {{ ref('weighted') }}",
    'models/marts/totals.sql':
      "{{ config(materialized='table', unique_key='name') }}\nselect name, sum(weighted order by hour_start) as total from {{ ref('recent') }} group by name",
  })
  await kx.feed([
    [0, 'a', 1],
    [0, 'b', 2],
    [1, 'a', 3],
  ])

  const first = await kx.run()
  kx.write({ 'seeds/label.csv': 'name,label,weight\na,Alpha,10\nb,,3\n' })
  const second = await kx.run()

  expect([first.code, second.code]).toEqual([0, 0])
  expect(await kx.rows('select name, total from marts.totals order by 1')).toEqual(['a 40', 'b 6'])
  expect((await kx.run()).out).toEqual(['nothing to do: 5 models current'])
})

test('append adds what is not there yet, as a multiset', async () => {
  const kx = await aRunner({
    'models/silver/log.sql': `{{ config(materialized='incremental', time_column='at', strategy='append') }}
select at, name from {{ source('bronze', 'tick') }}`,
  })
  await kx.feed([
    [0, 'a', 1],
    [0, 'a', 2],
  ])
  await kx.run()
  await kx.feed([
    [0, 'a', 3],
    [0, 'b', 1],
  ])

  await kx.run()

  expect(await kx.rows('select name, count(*) from silver.log group by 1 order by 1')).toEqual(['a 3', 'b 1'])
})

test('upsert keeps what it once wrote, and update_when guards it', async () => {
  const kx = await aRunner({
    'models/silver/best.sql': `{{ config(materialized='incremental', time_column='hour_start', unique_key=['hour_start', 'name'], strategy='upsert', update_when='new.value > old.value') }}
select date_trunc('hour', at) as hour_start, name, min(value) as value from {{ source('bronze', 'tick') }} group by 1, 2`,
  })
  await kx.feed([[0, 'a', 5]])
  await kx.run()
  await kx.feed([
    [0, 'a', 1],
    [0, 'b', 2],
  ])

  await kx.run()

  expect(await kx.rows('select name, value from silver.best order by 1')).toEqual(['a 5', 'b 2'])
})

test('a new column is added, a removed one needs rebuild, and views on the table survive it', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'models/gold/seen.sql':
      "{{ config(materialized='view') }}\nselect hour_start, name from {{ ref('hourly') }}",
  })
  await kx.feed([[0, 'a', 1]])
  await kx.run()
  kx.write({ 'models/silver/hourly.sql': HOURLY.replace('as value', 'as value, count(*) as ticks') })
  const added = await kx.run()
  const narrower = HOURLY.replace(', sum(value order by at, value) as value', '')
  kx.write({ 'models/silver/hourly.sql': narrower })
  const refused = await kx.run()
  kx.write({
    'models/silver/hourly.sql': narrower.replace(
      'materialized=',
      "on_schema_change='rebuild', materialized=",
    ),
  })
  const rebuilt = await kx.run()

  expect([added.code, refused.code, rebuilt.code]).toEqual([0, 1, 0])
  expect(refused.err.join('\n')).toContain('KX_COLUMNS_DIFFER')
  expect(await kx.rows('select * from gold.seen')).toEqual(['2024-05-01 00:00:00+00 a'])
  expect(await kx.rows('select * from silver.hourly')).toEqual(['2024-05-01 00:00:00+00 a'])
})
