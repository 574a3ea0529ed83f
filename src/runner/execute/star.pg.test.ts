import { expect, test } from 'vitest'
import { aRunner } from '../../testing/a-run.ts'

const model = (sql: string) =>
  `{{ config(materialized='incremental', time_column='at', unique_key='at', on_schema_change='rebuild') }}\n${sql}`

const parent = (columns: string) =>
  model(`select date_trunc('hour', at) as at${columns} from {{ source('bronze', 'tick') }}`)

test('a star takes the columns that its parent has now, through views too', async () => {
  const kx = await aRunner({
    'models/silver/parent.sql': parent(', value, name'),
    'models/silver/seen.sql':
      "{{ config(materialized='view', time_column='at') }} select at, value from {{ ref('parent') }}",
    'models/gold/star.sql': model("select * from {{ ref('parent') }}"),
    'models/gold/through.sql': model("select * from {{ ref('seen') }}"),
  })
  await kx.feed([[0, 'a', 1]])
  await kx.run()
  kx.write({ 'models/silver/parent.sql': parent(', value') })

  const less = await kx.run()
  await kx.feed([[1, 'a', 2]])
  const next = await kx.run()
  kx.write({ 'models/silver/parent.sql': parent(', value, 7 as extra') })
  const more = await kx.run()

  expect([less.code, next.code, more.code]).toEqual([0, 0, 0])
  expect(less.out).toContain('altered   gold.star     - name')
  expect(more.out).toContain('altered   gold.star     + extra integer')
  expect(await kx.rows('select value, extra from gold.star order by at')).toEqual(['1 7', '2 7'])
  expect(await kx.rows('select value from gold.through order by at')).toEqual(['1', '2'])
  expect((await kx.run()).out).toEqual(['nothing to do: 4 models current'])
})
