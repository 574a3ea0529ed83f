import { expect, test } from 'vitest'
import { aRunner, HOURLY, type Runner } from '../../testing/a-run.ts'
import { anIo } from '../../testing/an-io.ts'
import { buildCommand } from './build.ts'

const NAMES = `{{ config(materialized='incremental', time_column='hour_start', unique_key=['hour_start', 'name']) }}
select hour_start, name from {{ ref('hourly') }}`

const POSITIVE = "select * from {{ ref('hourly') }} where value <= 0"

test('models and tests run in graph order, and a wrong hour blocks what is below it alone', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'models/gold/names.sql': NAMES,
    'tests/positive.sql': POSITIVE,
    'tests/named.sql': "select * from {{ ref('names') }} where name is null",
  })
  await kx.feed([
    [0, 'a', 1],
    [1, 'a', -1],
    [2, 'a', 1],
  ])

  const { code, lines } = await build(kx)

  expect(code).toBe(1)
  expect([...lines.slice(0, 2), ...lines.slice(2, -1).sort(), ...lines.slice(-1)]).toEqual([
    'built silver.hourly 2024-05-01T00..2024-05-01T02',
    'fail positive 3 hours 1 wrong row in 2024-05-01T01',
    'blocked gold.names 2024-05-01T01',
    'built gold.names 2024-05-01T00',
    'built gold.names 2024-05-01T02',
    'pass named 2 hours',
  ])
  expect(await kx.rows('select hour_start from gold.names order by 1')).toEqual([
    '2024-05-01 00:00:00+00',
    '2024-05-01 02:00:00+00',
  ])
})

test('a unit test that fails blocks its model and all below it', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'models/gold/names.sql': NAMES,
    'tests/unit/hourly.yml': `unit_tests:
  - name: never
    model: hourly
    partition: 2024-05-01T13
    given: []
    expect: [{ name: a }]
`,
  })
  await kx.feed([[0, 'a', 1]])

  const { code, lines } = await build(kx)

  expect(code).toBe(1)
  expect(lines).toEqual([
    'fail silver.hourly: never',
    'blocked silver.hourly 2024-05-01T00',
    'blocked gold.names 2024-05-01T00',
  ])
})

test('a second build has nothing to do, and a warning blocks nothing', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'models/gold/names.sql': NAMES,
    'tests/positive.sql': `{{ config(severity='warn') }}\n${POSITIVE}`,
  })
  await kx.feed([[0, 'a', -1]])

  const first = await build(kx)
  const second = await build(kx)

  expect(first.code).toBe(0)
  expect(first.lines).toEqual([
    'built silver.hourly 2024-05-01T00',
    'warn positive 1 hour 1 wrong row in 2024-05-01T00',
    'built gold.names 2024-05-01T00',
  ])
  expect(second).toMatchObject({ code: 0, lines: ['warn positive 1 hour 1 wrong row in 2024-05-01T00'] })
})

/** Runs `kx build` and gives the lines of steps and tests: status, name and hours, and what a test found. */
async function build(kx: Runner) {
  const { io, out } = anIo({ cwd: kx.directory })
  const code = await buildCommand(io, { threads: '2' })
  const lines = out
    .filter((line) => /^(built|blocked|unchanged|current|pass|warn|fail|error) /.test(line))
    .map((line) =>
      line.replace(/ {2,}(unit test|\d+ rows|\+\d|[\d.]+ m?s$|[\w.]+ is missing or failed).*/, ''),
    )
    .map((line) => line.replace(/\s+/g, ' '))
  return { code, lines }
}
