import { expect, test } from 'vitest'
import { aRunner } from '../../testing/a-run.ts'

const model = (value: string, from: string) =>
  `{{ config(materialized='incremental', time_column='at', unique_key='at', on_schema_change='rebuild') }}
select date_trunc('hour', at) as at, ${value} as value from ${from}`

const TICK = "{{ source('bronze', 'tick') }}"
const CHILD = model('value::double precision', "{{ ref('parent') }}")

const contract = (type: string) => `
description: Made-up values.
columns:
  at: { type: timestamptz, description: Hour. }
  value: { type: '${type}', description: Value. }
`

test('what another type rounds has changed: children of those hours are built again, of others not', async () => {
  const kx = await aRunner({
    'models/silver/parent.sql': model('value', TICK),
    'models/gold/child.sql': CHILD,
  })
  await kx.feed([
    [0, 'a', 1.26],
    [1, 'a', 2.5],
  ])
  await kx.run()
  const versions =
    "select model, version from kx.partition where partition_start = '2024-05-01 01:00Z' order by 1"
  const before = await kx.rows(versions)
  kx.write({ 'models/silver/parent.sql': model('value::numeric(20,1)', TICK) })

  const { code } = await kx.run()

  expect(code).toBe(0)
  expect(await kx.rows('select value from silver.parent order by at')).toEqual(['1.3', '2.5'])
  expect(await kx.rows('select value from gold.child order by at')).toEqual(['1.3', '2.5'])
  expect(await kx.rows(versions)).toEqual(before)
  expect((await kx.run()).out).toEqual(['nothing to do: 2 models current'])
})

test('hours that a new type in the contract rounds make their children stale', async () => {
  const kx = await aRunner({
    'models/silver/parent.sql': model('value', TICK),
    'models/silver/parent.yml': contract('double precision'),
    'models/gold/child.sql': CHILD,
  })
  await kx.feed([[0, 'a', 1.26]])
  await kx.run()
  kx.write({ 'models/silver/parent.yml': contract('numeric(20,1)') })
  await kx.feed([[1, 'a', 2.34]])

  await kx.run()
  await kx.run()

  expect(await kx.rows('select value from gold.child order by at')).toEqual(['1.3', '2.3'])
  expect((await kx.run()).out).toEqual(['nothing to do: 2 models current'])
})

test.each(['numeric(20,1)', 'real', 'integer', 'numeric(20,1)[]'])(
  'a value that the %s of its column rounds is no change when it comes again',
  async (type) => {
    const value = type.endsWith('[]') ? 'array[value, null]' : 'value'
    const kx = await aRunner({
      'models/silver/parent.sql': model(value, TICK),
      'models/silver/parent.yml': contract(type),
    })
    await kx.feed([[0, 'a', 1.26]])
    await kx.run()

    const { code, out } = await kx.run({ partition: '2024-05-01T00' })

    expect([code, out.at(-1)]).toEqual([0, expect.stringContaining('0 rows changed')])
  },
)

test('another type in the contract of a seed is brought to its table', async () => {
  const kx = await aRunner({ 'seeds/codes.csv': 'code\n01\n', 'seeds/codes.yml': codes('bigint') })
  await kx.run()
  kx.write({ 'seeds/codes.yml': codes('text') })

  await kx.run()

  expect(await kx.rows('select code from seeds.codes')).toEqual(['01'])
  expect((await kx.run()).out).toEqual(['nothing to do: 1 model current'])
})

function codes(type: string): string {
  return `description: Made-up codes.\ncolumns:\n  code: { type: ${type}, description: Code. }\n`
}
