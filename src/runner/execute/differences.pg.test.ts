import { expect, test } from 'vitest'
import { aRunner, HOURLY } from '../../testing/a-run.ts'

const model = (config: string, sql: string) =>
  `{{ config(materialized='incremental', time_column='at'${config}) }}\n${sql} from {{ source('bronze', 'tick') }}`

const KEYED = ", unique_key='at'"

test('two new rows of one key are shown, whatever the hour holds already', async () => {
  const kx = await aRunner({
    'models/silver/m.sql': model(KEYED, "select date_trunc('hour', at) as at, value"),
  })
  await kx.feed([[0, 'a', 1]])
  await kx.run()
  await kx.feed([
    [0.5, 'b', 7],
    [0.6, 'b', 8],
  ])

  const { code, err } = await kx.run()

  expect(code).toBe(1)
  expect(err.join('\n')).toContain('KX_KEY_DUPLICATE models/silver/m.sql')
  expect(err.join('\n')).toContain('new rows of silver.m share a key: at 2024-05-01 00:00:00+00, rows 3')
  expect(await kx.rows('select value from silver.m')).toEqual(['1'])
})

test("a subquery of the model's own that gives too many rows is no double key", async () => {
  const sql = `select date_trunc('hour', at) as at, value + (select n from generate_series(1, value::int) as n)`
  const kx = await aRunner({ 'models/silver/m.sql': model(KEYED, `${sql} as value`) })
  await kx.feed([[0, 'a', 1]])
  await kx.run()
  await kx.rows('update bronze.tick set value = 2')
  await kx.feed([[1, 'a', 1]])

  const { code, err } = await kx.run({ partition: '2024-05-01T00' })

  expect(code).toBe(1)
  expect(err.join('\n')).toContain('more than one row returned by a subquery')
})

test.each([
  ['json[]', `array['{"a": 1}'::json, null]`, `array['{"a": 2}'::json]`],
  ['point', 'point(1, 2)', 'point(2, 1)'],
  ['box', "box '(1,1),(2,2)'", "box '(2,2),(3,3)'"],
  ['float8[]', "array['NaN'::float8, null]", "array[null, 'NaN'::float8]"],
])('a %s is left if it is the same, and written if not', async (_type, one, other) => {
  const column = `select date_trunc('hour', at) as at, case when value = 1 then ${one} else ${other} end as v`
  const kx = await aRunner({
    'models/silver/keyed.sql': model(KEYED, column),
    'models/silver/appended.sql': model(", strategy='append'", column),
  })
  await kx.feed([[0, 'a', 1]])
  await kx.run()

  const again = await kx.run({ partition: '2024-05-01T00' })
  await kx.rows('update bronze.tick set value = 2')
  const moved = await kx.run({ partition: '2024-05-01T00' })

  expect([again.code, again.out.at(-1)]).toEqual([0, expect.stringContaining('0 rows changed')])
  expect([moved.code, moved.out.at(-1)]).toEqual([0, expect.stringContaining('2 rows changed')])
})

test('a table that somebody dropped holds nothing: every hour is missing, and built again', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'models/silver/shown.sql': "{{ config(materialized='view') }} select * from {{ ref('hourly') }}",
    'models/gold/total.sql':
      "{{ config(materialized='table', unique_key='name') }} select name, count(*) as n from {{ ref('shown') }} group by 1",
  })
  await kx.feed([
    [0, 'a', 1],
    [1, 'a', 2],
  ])
  await kx.run()
  await kx.rows('drop view silver.shown')
  await kx.rows('drop table silver.hourly')
  await kx.feed([[2, 'a', 3]])

  const child = await kx.run({ select: ['total'] })
  const { code, out } = await kx.run()

  expect([child.code, code]).toEqual([1, 0])
  expect(out.join('\n')).toMatch(/built +silver\.hourly 2024-05-01T00\.\.2024-05-01T02 .*missing/)
  expect(await kx.rows('select value from silver.hourly order by 1')).toEqual(['1', '2', '3'])
  expect(await kx.rows('select * from gold.total')).toEqual(['a 3'])
  expect((await kx.run()).out).toEqual(['nothing to do: 3 models current'])
})
