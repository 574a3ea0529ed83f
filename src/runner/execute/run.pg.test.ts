import { expect, test } from 'vitest'
import { aRunner, HOURLY } from '../../testing/a-run.ts'

const VERSIONS = 'select model, partition_start, version from kx.partition order by 1, 2'

test('an hour is built once, and running again changes nothing', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await kx.feed([
    [0, 'a', 1],
    [0.5, 'a', 2],
    [2, 'b', 5],
  ])

  const first = await kx.run()
  const versions = await kx.rows(VERSIONS)
  const second = await kx.run()

  expect(first.code).toBe(0)
  expect(await kx.rows('select * from silver.hourly order by 1, 2')).toEqual([
    '2024-05-01 00:00:00+00 a 3',
    '2024-05-01 02:00:00+00 b 5',
  ])
  expect(versions).toHaveLength(3)
  expect(second.out).toEqual(['nothing to do: 1 model current'])
  expect(await kx.rows(VERSIONS)).toEqual(versions)
})

test('late data rebuilds its own hour; what comes out equal stops there', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'models/gold/names.sql': `{{ config(materialized='incremental', time_column='hour_start', unique_key=['hour_start', 'name']) }}
select hour_start, name from {{ ref('hourly') }}`,
    'models/marts/top.sql': `{{ config(materialized='incremental', time_column='hour_start', unique_key=['hour_start', 'name']) }}
select hour_start, name from {{ ref('names') }}`,
  })
  await kx.feed([
    [0, 'a', 1],
    [1, 'a', 2],
  ])
  await kx.run()
  await kx.feed([[1.5, 'a', 7]])

  const { out } = await kx.run()

  expect(out.map((line) => line.split(/\s+/).slice(0, 3).join(' ')).slice(0, 3)).toEqual([
    'built silver.hourly 2024-05-01T01',
    'unchanged gold.names 2024-05-01T01',
    'current marts.top 2024-05-01T01',
  ])
})

test('only rows that differ are written, and rows that are gone are deleted', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await kx.feed([
    [0, 'a', 1],
    [0, 'b', 2],
    [0, 'c', 3],
  ])
  await kx.run()
  const before = await kx.rows('select name, ctid from silver.hourly order by 1')
  kx.write({
    'models/silver/hourly.sql': HOURLY.replace('group by', "where name <> 'c' group by").replace(
      'sum(value order by at, value)',
      "sum(value order by at, value) + case name when 'b' then 1 else 0 end",
    ),
  })

  const { out } = await kx.run()

  expect(out[0]).toContain('2 rows +1 −1')
  expect(await kx.rows('select name, value from silver.hourly order by 1')).toEqual(['a 1', 'b 3'])
  expect((await kx.rows('select name, ctid from silver.hourly order by 1'))[0]).toBe(before[0])
})

test('a failed hour leaves no rows and no ledger entry, and points at the model', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY.replace(
      'sum(value order by at, value)',
      'sum(value order by at, value) / min(value - 5)',
    ),
  })
  await kx.feed([
    [0, 'a', 1],
    [1, 'a', 5],
    [2, 'a', 7],
  ])

  const { code, err } = await kx.run()

  expect(code).toBe(1)
  expect(err.join('\n')).toMatch(/KX_SQL_FAILED models\/silver\/hourly\.sql/)
  expect(await kx.rows("select date_part('hour', hour_start), value from silver.hourly order by 1")).toEqual([
    '0 -0.25',
    '2 3.5',
  ])
  expect(
    await kx.rows(
      "select date_part('hour', partition_start), attempt_code from kx.partition where status is null",
    ),
  ).toEqual(['1 KX_SQL_FAILED'])
})

test('a syntax error fails the model once and blocks what needs it, at its line in the template', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY.replace('group by 1, 2', 'group by 1, 2, nonsense'),
    'models/gold/names.sql': `{{ config(materialized='incremental', time_column='hour_start', unique_key='hour_start') }}
select hour_start from {{ ref('hourly') }}`,
  })
  await kx.feed([[0, 'a', 1]])

  const { code, err } = await kx.run()

  expect(code).toBe(1)
  expect(err.join('\n')).toMatch(/KX_SQL_FAILED models\/silver\/hourly\.sql:4:16/)
  expect(err.join('\n')).toContain('nonsense')
})

test('two new rows with one key are an error that shows them, on the first build and on a later one', async () => {
  const twice = HOURLY.replace(
    'group by 1, 2',
    "group by 1, 2 union all select date_trunc('hour', max(at)), 'a', 9 from {{ source('bronze', 'tick') }} having max(value) > 5",
  )
  const kx = await aRunner({ 'models/silver/hourly.sql': twice })
  await kx.feed([[0, 'a', 1]])
  await kx.run()
  await kx.feed([
    [0, 'b', 6],
    [1, 'a', 8],
  ])

  const { code, err } = await kx.run()

  expect(code).toBe(1)
  expect(err.filter((line) => line.includes('KX_KEY_DUPLICATE'))).toHaveLength(2)
  expect(err.join('\n')).toContain('2024-05-01 01:00:00+00')
  expect(await kx.rows('select name, value from silver.hourly')).toEqual(['a 1'])
})

test('a row outside the hour being built is an error, never written', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY.replace(
      "date_trunc('hour', at)",
      "date_trunc('hour', at) + interval '1 hour'",
    ),
  })
  await kx.feed([[0, 'a', 1]])

  const { code, err } = await kx.run()

  expect(code).toBe(1)
  expect(err.join('\n')).toContain('KX_ROW_OUTSIDE')
  expect(await kx.rows('select * from silver.hourly')).toEqual([])
})

test('a blocking assertion keeps the bad hour invisible and its rows in the audit', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'tests/small.sql': `{{ config(blocking=true) }}
select * from {{ ref('hourly') }} where value > 10`,
  })
  await kx.feed([
    [0, 'a', 1],
    [1, 'a', 50],
    [2, 'a', 3],
  ])

  const { code, err } = await kx.run()

  expect(code).toBe(1)
  expect(err.join('\n')).toContain('KX_ASSERTION_FAILED tests/small.sql')
  expect(await kx.rows('select value from silver.hourly order by hour_start')).toEqual(['1', '3'])
  expect(await kx.rows("select row ->> 'value' from kx_audit.small order by failed_at desc limit 1")).toEqual(
    ['50'],
  )
})

test('of a batch, what one assertion refuses by row and another by group is left out, the rest is built', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'tests/small.sql': `{{ config(blocking=true) }}
select * from {{ ref('hourly') }} where value > 10`,
    'tests/alone.sql': `{{ config(blocking=true) }}
select hour_start, count(*) as names from {{ ref('hourly') }} group by hour_start having count(*) > 1`,
  })
  await kx.feed([
    [0, 'a', 1],
    [1, 'a', 50],
    [2, 'a', 3],
    [2, 'b', 3],
    [3, 'a', 4],
  ])

  const { code } = await kx.run()

  expect(code).toBe(1)
  expect(await kx.rows('select value from silver.hourly order by hour_start')).toEqual(['1', '4'])
  expect(await kx.rows("select row ->> 'names' from kx_audit.alone order by failed_at desc limit 1")).toEqual(
    ['2'],
  )
})

test('a row that left its hour by hand is noticed, though the batch has as many as before', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await kx.feed([
    [0, 'a', 1],
    [0, 'b', 1],
    [1, 'a', 1],
  ])
  await kx.run()
  await kx.feed([
    [0, 'c', 1],
    [1, 'c', 1],
  ])
  await kx.rows("update bronze.tick set at = at + interval '1 hour' where name = 'b'")

  const { code, err } = await kx.run()

  expect(code).toBe(1)
  expect(err.join('\n')).toContain('KX_SOURCE_SHRUNK')
  expect(
    await kx.rows("select date_part('hour', hour_start), name from silver.hourly order by 1, 2"),
  ).toEqual(['0 a', '0 b', '1 a', '1 b', '1 c'])
})

test('rows deleted from bronze by hand are an error that names the source; silver stays', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await kx.feed([
    [0, 'a', 1],
    [0, 'b', 1],
    [1, 'a', 1],
  ])
  await kx.run()
  await kx.rows("delete from bronze.tick where name = 'b'")

  const { code, err } = await kx.run({ partition: '2024-05-01T00' })

  expect(code).toBe(1)
  expect(err.join('\n')).toContain('KX_SOURCE_SHRUNK')
  expect(err.join('\n')).toContain('bronze.tick has 1 rows in 2024-05-01T00, its ledger says 2')
  expect(await kx.rows('select count(*) from silver.hourly')).toEqual(['3'])
})

test('two runs at once share the work: nothing is built twice', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await kx.feed(Array.from({ length: 60 }, (_, hour) => [hour, 'a', hour] as const))

  const [one, two] = await Promise.all([kx.run({ batch: '1' }), kx.run({ batch: '1' })])

  expect([one.code, two.code]).toEqual([0, 0])
  const steps = await kx.rows("select run_id, count(*) from kx.run_step where status = 'done' group by 1")
  expect(steps).toHaveLength(2)
  expect(await kx.rows("select count(*) from kx.run_step where status = 'done'")).toEqual(['60'])
  expect(await kx.rows('select count(*), sum(value) from silver.hourly')).toEqual(['60 1770'])
})

test('a model that reads its own past is built oldest first', async () => {
  const kx = await aRunner({
    'models/silver/total.sql': `{{ config(materialized='incremental', time_column='hour_start', unique_key='hour_start') }}
select {{ partition.start }} as hour_start,
    coalesce((select max(total) from {{ previous('1h') }}), 0) + coalesce((select sum(value) from {{ source('bronze', 'tick') }}), 0) as total`,
    'models/silver/total.yml': `
description: Running total.
columns:
  hour_start: { type: timestamptz, description: Hour. }
  total: { type: double precision, description: All so far. }
`,
  })
  await kx.feed([
    [0, 'a', 1],
    [1, 'a', 2],
    [2, 'a', 4],
  ])
  await kx.run()
  await kx.feed([[0.5, 'b', 10]])

  const { code } = await kx.run()

  expect(code).toBe(0)
  expect(await kx.rows('select total from silver.total order by hour_start')).toEqual(['11', '13', '17'])
})
