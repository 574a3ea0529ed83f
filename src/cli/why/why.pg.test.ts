import { expect, test } from 'vitest'
import { aRunner, HOURLY, type Runner } from '../../testing/a-run.ts'
import { anIo } from '../../testing/an-io.ts'
import { moveSourceHours } from '../../warehouse/index.ts'
import { whyCommand } from './why.ts'

const DAILY = `{{ config(materialized='incremental', partition='day', time_column='at', unique_key='at') }}
select date_trunc('day', hour_start) as at, sum(value order by hour_start) as value from {{ ref('hourly') }} group by 1`
const TABLE = `{{ config(materialized='table') }}\nselect sum(value order by at) as total from {{ ref('daily') }}`

const TICK = `
description: Made-up ticks.
time_column: at
key_order: [at, name]
columns:
  at: { type: timestamptz, description: When. }
  name: { type: text, description: What. }
  value: { type: double precision, description: How much. }
  load_id: { type: bigint, description: The load. }
  landing_file: { type: text, description: File. }
  landing_line: { type: bigint, description: Line. }
`

async function why(kx: Runner, model: string, hour?: string): Promise<string[]> {
  const { io, out } = anIo({ cwd: kx.directory })
  await whyCommand(io, model, hour, {})
  return out
}

/** One row of hour 1, as load 9 reads it from line 17 of a file. */
async function loadLate(kx: Runner): Promise<void> {
  await using session = await kx.warehouse.session()
  await session.query('begin')
  await session.query(
    "insert into bronze.tick values ('2024-05-01 01:30Z', 'b', 5, 9, 'landing/late.jsonl', 17)",
  )
  const hourMs = Date.parse('2024-05-01T01:00:00Z')
  await moveSourceHours(session, kx.target, {
    relation: 'bronze.tick',
    moves: [{ hourMs, addedRows: 1 }],
    loadId: 9,
  })
  await session.query('commit')
}

test.each([
  ['hourly', '2024-05-01T01', /^silver\.hourly 2024-05-01T01 {2}stale: bronze\.tick changed$/],
  ['daily', '2024-05-01', /^gold\.daily 2024-05-01 {2}current/],
  ['total', undefined, /^marts\.total once {2}current/],
])('%s: the input that changed is told down to file and line', async (model, hour, first) => {
  const kx = await aRunner({
    'models/bronze/tick.yml': TICK,
    'models/silver/hourly.sql': HOURLY,
    'models/gold/daily.sql': DAILY,
    'models/marts/total.sql': TABLE,
  })
  await kx.run()
  await kx.feed([[0, 'a', 1], [1, 'a', 2], ...[2, 3, 4, 5, 6].map((hour) => [hour, 'a', hour] as const)])
  await kx.run()
  await loadLate(kx)

  const lines = await why(kx, model, hour)

  expect(lines[0]).toMatch(first)
  expect(lines.join('\n')).toContain('silver.hourly 2024-05-01T01  stale: bronze.tick changed')
  expect(lines.join('\n')).toMatch(/bronze\.tick 2024-05-01T01 {2}1 row by load 9/)
  expect(lines.join('\n')).toContain('landing/late.jsonl:17  1 row')
})

test('of several partitions, why says that it takes one', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await kx.feed([[0, 'a', 1]])

  await expect(why(kx, 'hourly', '2024-05-01T00..2024-05-01T02')).rejects.toMatchObject({
    code: 'KX_USAGE',
    message: "kx why explains one partition, and '2024-05-01T00..2024-05-01T02' is several",
    hint: expect.stringContaining('kx why silver.hourly 2024-05-01T00'),
  })
})

test('for machines each line is an event that names what it is about', async () => {
  const kx = await aRunner({ 'models/bronze/tick.yml': TICK, 'models/silver/hourly.sql': HOURLY })
  await kx.feed([[1, 'a', 2]])
  await kx.run()
  await loadLate(kx)
  const { io, out } = anIo({ cwd: kx.directory, logFormat: 'json' })

  await whyCommand(io, 'hourly', '2024-05-01T01', {})

  const [partition, build, load, file] = out.map((line) => JSON.parse(line))
  const base = { type: 'why', range: '2024-05-01T01' }
  expect(partition).toEqual({
    ...{ ...base, depth: 0, about: 'partition', model: 'silver.hourly' },
    ...{ state: 'stale', reason: 'bronze.tick changed' },
  })
  expect(build).toMatchObject({ type: 'why', depth: 1, about: 'build', rows: 1 })
  expect(load).toMatchObject({ ...base, depth: 1, about: 'load', source: 'bronze.tick', rows: 1, load: '9' })
  expect(file).toMatchObject({ depth: 2, about: 'file', file: 'landing/late.jsonl', line: 17, rows: 1 })
})

test('an hour that is missing, and one that does not exist, are explained', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await kx.feed([[0, 'a', 1]])

  expect((await why(kx, 'hourly', '2024-05-01T00')).slice(0, 2)).toEqual([
    'silver.hourly 2024-05-01T00  missing',
    '  never built',
  ])
  expect(await why(kx, 'hourly', '2024-06-01T00')).toEqual([
    'silver.hourly 2024-06-01T00  does not exist: its sources have no rows there, or it is not due',
  ])
})

test('a failed hour says what failed', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY.replace('sum(value order by at, value)', '1 / sum(value - 1)'),
  })
  await kx.feed([[0, 'a', 1]])
  await kx.run()

  expect((await why(kx, 'hourly', '2024-05-01T00'))[0]).toBe(
    'silver.hourly 2024-05-01T00  failed: KX_SQL_FAILED: division by zero',
  )
})
