import { expect, test } from 'vitest'
import { aRunner, HOURLY, type Runner } from '../../testing/a-run.ts'
import { anIo } from '../../testing/an-io.ts'
import { verifyCommand } from './verify.ts'

const CONFIG = "{{ config(materialized='incremental', time_column='at', unique_key=['at', 'name']) }}"
const ROWS: [number, string, number][] = [
  [0, 'a', 0.1],
  [0, 'a', 0.2],
  [0, 'a', 0.3],
  [0, 'a', 1e15],
  [0, 'b', 1],
  [1, 'a', 2],
  [2, 'a', 3],
]

test('a model whose rows depend on its inputs alone is the same, and nothing is written', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await kx.feed(ROWS)
  await kx.run()
  const before = await kx.rows('select ctid, xmin, * from silver.hourly order by 1')

  const { code, lines } = await verify(kx)

  expect(code).toBe(0)
  expect(lines).toEqual([
    'same silver.hourly 2024-05-01T00..2024-05-01T02 built twice',
    'same silver.hourly 2024-05-01T00..2024-05-01T02 hour by hour and together',
    'the same 3 partitions built twice in',
  ])
  expect(await kx.rows('select ctid, xmin, * from silver.hourly order by 1')).toEqual(before)
})

test.each([
  ['now()', 'select distinct on (at, name) at, name, now() as value from {{ tick }} order by at, name'],
  ['random()', 'select distinct on (at, name) at, name, random() as value from {{ tick }} order by at, name'],
  ['an open tie', 'select distinct on (at, name) at, name, value from {{ tick }} order by at, name'],
  ['a sum without order', 'select at, name, sum(value) as value from {{ tick }} group by at, name'],
])('%s is found', async (_, sql) => {
  const kx = await aRunner({
    'models/silver/loose.sql': `${CONFIG}\n${sql.replace('tick', "source('bronze', 'tick')")}`,
  })
  await kx.feed(ROWS)
  await kx.run()

  const { code, out } = await verify(kx, { partition: '2024-05-01T00' })

  expect(code).toBe(1)
  expect(out[0]).toMatch(/^different silver.loose {2}2024-05-01T00 {2}built twice/)
  expect(out[1]).toMatch(/^ {2}\d rows? the same, [12] different, 0 only the first time/)
  expect(out[2]).toMatch(/^ {2}different in value [12]$/)
  expect(out).toContain(
    '  → Look for now(), random(), a tie that order by leaves open, or a sum without a fixed order.',
  )
})

test('a batch that gives other rows than its hours is found', async () => {
  const kx = await aRunner({
    'models/silver/loose.sql': `${CONFIG.replace("'incremental'", "'incremental', batch=24")}
select at, name, value, sum(value) over (order by at, name, value) as running
from {{ source('bronze', 'tick') }}
where value < 0.2 or value between 2 and 3`,
  })
  await kx.feed(ROWS)
  await kx.run()

  const { code, out } = await verify(kx)

  expect(code).toBe(1)
  expect(out.slice(1, 7).map((line) => line.replace(/ {2}[\d.]+ m?s$/, ''))).toEqual([
    'different silver.loose  2024-05-01T00..2024-05-01T02  hour by hour and together',
    '  1 row the same, 2 different, 0 only hour by hour (−), 0 only together (+)',
    '  different in running 2',
    '       at                      name  value  running',
    '    ≠  2024-05-01 01:00:00+00  a     2      2 ≠ 2.1',
    '    ≠  2024-05-01 02:00:00+00  a     3      3 ≠ 5.1',
  ])
})

/** Runs `kx verify`; `lines` are without durations and columns. */
async function verify(kx: Runner, options: { partition?: string } = {}) {
  const { io, out } = anIo({ cwd: kx.directory })
  const code = await verifyCommand(io, { threads: '2', ...options })
  return { code, out, lines: out.map((line) => line.replace(/\s+/g, ' ').replace(/ [\d.]+ m?s$/, '')) }
}
