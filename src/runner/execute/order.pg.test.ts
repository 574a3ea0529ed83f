import { expect, test } from 'vitest'
import { aRunner, HOURLY } from '../../testing/a-run.ts'

const CHILD = `{{ config(materialized='incremental', time_column='hour_start', unique_key=['hour_start', 'name']) }}
select hour_start, name, value from {{ ref('hourly') }}`

const steps = (out: readonly string[]) =>
  out
    .filter((line) => /^(built|unchanged|current|failed) +\w+\./.test(line))
    .map((line) => line.replace(/ {2,}/g, ' ').split(' ').slice(1, 3).join(' '))

test('missing hours come before stale ones, the newest first', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await kx.feed([
    [2, 'a', 1],
    [4, 'a', 1],
  ])
  await kx.run()
  await kx.feed([
    [0, 'a', 1],
    [2, 'b', 1],
    [4, 'b', 1],
  ])

  const { out } = await kx.run({ batch: '1', threads: '1' })

  expect(steps(out)).toEqual([1, 0, 4, 2].map((hour) => `silver.hourly 2024-05-01T0${hour}`))
})

test('along its own past a model is built oldest first, and what it misses there does not block', async () => {
  const kx = await aRunner({
    'models/silver/total.sql': `{{ config(materialized='incremental', time_column='at', unique_key='at') }}
select {{ partition.start }} as at, 1 / (4 - count(*)) + coalesce((select max(total) from {{ previous('1h') }}), 0) as total
from {{ source('bronze', 'tick') }}`,
    'models/silver/total.yml': `
description: Made-up total.
columns:
  at: { type: timestamptz, description: Hour. }
  total: { type: bigint, description: All so far. }
`,
  })
  const three = (hour: number) => [1, 2, 3].map((value) => [hour, 'a', value] as const)
  await kx.feed([...three(0), ...three(1), [1, 'b', 4], ...three(2), ...three(3)])

  const first = await kx.run({ threads: '4' })
  const order = steps(first.out)
  const totals = 'select total from silver.total order by at'
  const before = await kx.rows(totals)
  kx.write({
    'models/silver/total.sql': `{{ config(materialized='incremental', time_column='at', unique_key='at') }}
select {{ partition.start }} as at, least(count(*), 1) + coalesce((select max(total) from {{ previous('1h') }}), 0) as total
from {{ source('bronze', 'tick') }}`,
  })
  const second = await kx.run({ threads: '4' })

  expect(first.code).toBe(1)
  expect(order).toEqual([0, 1, 2, 3].map((hour) => `silver.total 2024-05-01T0${hour}`))
  expect(before).toEqual(['1', '1', '2'])
  expect(second.code).toBe(0)
  expect(await kx.rows(totals)).toEqual(['1', '2', '3', '4'])
})

test('rows of a parent removed by hand do not empty its children', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY, 'models/gold/child.sql': CHILD })
  await kx.feed([[0, 'a', 1]])
  await kx.run()
  await kx.rows('delete from silver.hourly')

  const { code, err } = await kx.run({ select: ['child'], partition: '2024-05-01T00' })

  expect(code).toBe(1)
  expect(err.join('\n')).toContain('KX_PARTITION_EMPTIED models/gold/child.sql')
  expect(await kx.rows('select value from gold.child')).toEqual(['1'])
})

test.each(['1', '7'])('%s threads build the same', async (threads) => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY, 'models/gold/child.sql': CHILD })
  await kx.feed(Array.from({ length: 50 }, (_, hour) => [hour, 'a', hour] as const))

  const { code } = await kx.run({ threads, batch: '7' })

  expect(code).toBe(0)
  expect(await kx.rows('select count(*), sum(value) from gold.child')).toEqual(['50 1225'])
  expect((await kx.run()).out).toEqual(['nothing to do: 2 models current'])
})

test.each([
  ['1d', ', batch=3', ['0', '1', '2', '3', '4', '5', '6', '7']],
  ['2h', '', ['0', '1', '2', '2', '2', '2', '2', '2']],
])(
  'previous %s reads up to the hour itself, builds in one run and is current then',
  async (window, batch, held) => {
    const kx = await aRunner({
      'models/silver/held.sql': `{{ config(materialized='incremental', time_column='at', unique_key='at'${batch}) }}
select date_trunc('hour', at) as at, (select count(*) from {{ previous('${window}') }}) as held
from {{ source('bronze', 'tick') }}`,
      'models/silver/held.yml': `
description: Made-up count.
columns:
  at: { type: timestamptz, description: Hour. }
  held: { type: bigint, description: Hours before. }
`,
    })
    await kx.feed([20, 21, 22, 23, 24, 25, 26, 27].map((hour) => [hour, 'a', 1] as const))

    await kx.run()

    expect(await kx.rows('select held from silver.held order by at')).toEqual(held)
    expect((await kx.run()).out).toEqual(['nothing to do: 1 model current'])
  },
)
