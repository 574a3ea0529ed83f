import { expect, test } from 'vitest'
import { HOUR_MS, systemClock } from '../../base/index.ts'
import { aRunner, HOURLY, type Runner } from '../../testing/a-run.ts'
import { moveSourceHours } from '../../warehouse/index.ts'

/** Hour 0 of `feed`. */
const FIRST_MS = Date.parse('2024-05-01T00:00:00Z')

const model = (config: string, sql: string) =>
  `{{ config(materialized='incremental', time_column='at', unique_key='at'${config}) }}\n${sql}`

const DAILY = model(
  ", partition='day'",
  "select date_trunc('day', hour_start) as at, sum(value order by hour_start) as value from {{ ref('hourly') }} group by 1",
)

const steps = (out: readonly string[]) =>
  out
    .filter((line) => /^(built|unchanged|current|failed|blocked|frozen) +\w+\./.test(line))
    .map((line) => line.replace(/ {2,}/g, ' ').split(' ').slice(0, 3).join(' '))
    .sort()

const hours = (kx: Runner, from: number, to: number) =>
  kx.feed(Array.from({ length: to - from }, (_, i) => [from + i, 'a', from + i] as const))

/** The clock at `hour` of the project's time. */
const at = (hour: number) => ({ clock: { ...systemClock, now: () => FIRST_MS + hour * HOUR_MS } })

test('a day is built from all its hours, and only when the range holds it whole', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY, 'models/gold/daily.sql': DAILY })
  await hours(kx, 0, 30)

  const touched = await kx.run({ partition: '2024-05-01T05..2024-05-02T03' })
  const whole = await kx.run()
  await kx.feed([[25, 'a', 100]])
  const late = await kx.run({ partition: '2024-05-02T01' })

  expect(touched.code).toBe(0)
  expect(steps(touched.out).some((line) => line.includes('gold.daily'))).toBe(false)
  expect(touched.err.join('\n')).toContain('gold.daily: 2 partitions outside --partition may now be stale')
  expect(whole.code).toBe(0)
  expect(await kx.rows('select at, value from gold.daily order by 1')).toEqual([
    '2024-05-01 00:00:00+00 276',
    '2024-05-02 00:00:00+00 159',
  ])
  expect(late.err.join('\n')).toContain(
    'gold.daily: 1 partition outside --partition may now be stale (2024-05-02)',
  )
  expect(steps((await kx.run()).out)).toEqual(['built gold.daily 2024-05-02'])
})

test('an hour reads the day before, and moves with it', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'models/gold/daily.sql': DAILY,
    'models/marts/share.sql': model(
      '',
      `select h.hour_start as at, h.value, (select max(value) from {{ ref('daily', window='1d..-1d') }}) as before
from {{ ref('hourly') }} as h`,
    ),
  })
  await hours(kx, 22, 27)
  await kx.run()
  await kx.feed([[23, 'a', 1000]])

  const { out } = await kx.run()

  expect(await kx.rows('select before from marts.share order by at')).toEqual([
    '',
    '',
    '1045',
    '1045',
    '1045',
  ])
  expect(steps(out)).toEqual([
    'built gold.daily 2024-05-01',
    'built marts.share 2024-05-01T23',
    'built marts.share 2024-05-02T00',
    'built marts.share 2024-05-02T01',
    'built marts.share 2024-05-02T02',
    'built silver.hourly 2024-05-01T23',
  ])
})

test('windows give the hours around, are due when they are over, and carry late data on', async () => {
  const kx = await aRunner({
    'models/gold/around.sql': model(
      '',
      "select {{ partition.start }} as at, sum(value order by at) as value from {{ source('bronze', 'tick', window='2h..1h') }}",
    ),
  })
  await hours(kx, 0, 6)

  await kx.run({}, at(6.04))
  const first = await kx.rows('select value from gold.around order by at')
  await kx.run({}, at(7.06))
  await kx.feed([[1, 'b', 100]])
  const { out } = await kx.run({}, at(7.06))

  expect(first).toEqual(['1', '3', '6', '10', '14'].slice(0, first.length))
  expect(first).toHaveLength(4)
  expect(await kx.rows('select value from gold.around order by at')).toEqual([
    '101',
    '103',
    '106',
    '110',
    '14',
    '12',
  ])
  expect(steps(out)).toEqual([0, 1, 2, 3].map((hour) => `built gold.around 2024-05-01T0${hour}`))
})

test('an hour is due when those of its parents that it reads are', async () => {
  const kx = await aRunner({
    'models/silver/late.sql': model(
      '',
      "select {{ partition.start }} as at, sum(value order by at) as value from {{ source('bronze', 'tick', window='0h..2h') }}",
    ),
    'models/silver/slow.sql': model(", settle='90m'", "select at, value from {{ ref('late') }}"),
    'models/gold/child.sql': model('', "select at, value from {{ ref('slow') }}"),
  })
  await hours(kx, 0, 4)

  const first = await kx.run({}, at(4.1))
  const second = await kx.run({}, at(5.6))

  expect(steps(first.out)).toEqual([
    'built gold.child 2024-05-01T00..2024-05-01T01',
    'built silver.late 2024-05-01T00',
    'built silver.late 2024-05-01T01',
    'built silver.slow 2024-05-01T00..2024-05-01T01',
  ])
  expect(steps(second.out)).toEqual([
    'built gold.child 2024-05-01T02',
    'built silver.late 2024-05-01T02',
    'built silver.slow 2024-05-01T02',
  ])
})

test('config may promise bigger batches, --batch makes them smaller', async () => {
  const kx = await aRunner({
    'models/gold/around.sql': model(
      ', batch=3',
      "select h as at, (select sum(value) from {{ source('bronze', 'tick', window='1h') }} where at >= h - interval '1 hour' and at < h + interval '1 hour') as value from generate_series({{ partition.start }}, {{ partition.end }} - interval '1 hour', '1 hour') as h",
    ),
    'models/silver/hourly.sql': HOURLY,
  })
  await hours(kx, 0, 7)

  const { out } = await kx.run({ batch: '5' })

  expect(steps(out)).toEqual([
    'built gold.around 2024-05-01T00..2024-05-01T02',
    'built gold.around 2024-05-01T03..2024-05-01T05',
    'built gold.around 2024-05-01T06',
    'built silver.hourly 2024-05-01T00..2024-05-01T04',
    'built silver.hourly 2024-05-01T05..2024-05-01T06',
  ])
  expect(await kx.rows('select value from gold.around order by at')).toEqual([
    '0',
    '1',
    '3',
    '5',
    '7',
    '9',
    '11',
  ])
})

test('the running hour is built only with --allow-partial, and again when it is over', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await hours(kx, 0, 2)
  const status = 'select status from kx.partition order by partition_start'

  await kx.run({}, at(1.5))
  const without = await kx.rows(status)
  await kx.run({ allowPartial: true }, at(1.5))
  const partial = await kx.rows(status)
  const same = await kx.run({ allowPartial: true }, at(1.6))
  await kx.feed([[1.6, 'a', 10]])
  const more = await kx.run({ allowPartial: true }, at(1.7))
  const over = await kx.run({}, at(2.1))

  expect([without, partial]).toEqual([['built'], ['built', 'partial']])
  expect(same.out).toEqual(['nothing to do: 1 model current'])
  expect(steps(more.out)).toEqual(['built silver.hourly 2024-05-01T01'])
  expect(steps(over.out)).toEqual(['unchanged silver.hourly 2024-05-01T01'])
  expect(await kx.rows(status)).toEqual(['built', 'built'])
})

test('a pruned hour is frozen: left, told, and rebuilt from what is left with --force --yes alone', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY, 'models/gold/daily.sql': DAILY })
  await hours(kx, 0, 2)
  await kx.run()
  await using session = await kx.warehouse.session()
  await session.query('begin')
  await session.query("delete from bronze.tick where at < '2024-05-01 01:00Z'")
  await moveSourceHours(session, kx.target, {
    relation: 'bronze.tick',
    moves: [{ hourMs: FIRST_MS, addedRows: -1, isPruned: true }],
    loadId: null,
  })
  await session.query('commit')
  kx.write({ 'models/silver/hourly.sql': HOURLY.replace('as value', '+ 1 as value') })

  const left = await kx.run()
  const asked = await kx.run({ partition: '2024-05-01T00' })

  expect([left.code, asked.code]).toEqual([0, 0])
  expect(left.err).toContain('warning: silver.hourly: 1 partition frozen, their inputs were pruned')
  expect(await kx.rows('select value from silver.hourly order by hour_start')).toEqual(['0', '2'])
  await expect(kx.run({ force: true })).rejects.toMatchObject({ code: 'KX_CONFIRM' })
  expect((await kx.run({ force: true, yes: true, partition: '2024-05-01T00' })).code).toBe(0)
  expect(await kx.rows('select value from silver.hourly order by hour_start')).toEqual(['2'])
})

test('new code whose rows come out equal moves no version', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY, 'models/gold/daily.sql': DAILY })
  await hours(kx, 0, 3)
  await kx.run()
  const versions = await kx.rows('select model, version from kx.partition order by 1, 2')
  kx.write({ 'models/silver/hourly.sql': HOURLY.replace('as value', '+ 0 as value') })

  const { out } = await kx.run()

  expect(steps(out)).toEqual([
    'current gold.daily 2024-05-01',
    'unchanged silver.hourly 2024-05-01T00..2024-05-01T02',
  ])
  expect(await kx.rows('select model, version from kx.partition order by 1, 2')).toEqual(versions)
})

test('only the hours in which what is expected has changed become stale', async () => {
  const kx = await aRunner({
    'models/bronze/listing.yml': `
description: What is expected.
valid_range: { from: listed_from, to: listed_to }
columns:
  name: { type: text, description: What. }
  listed_from: { type: timestamptz, description: From. }
  listed_to: { type: timestamptz, description: Until. }
`,
    'models/marts/expected.sql': model(
      '',
      `select t.at, count(l.name) as expected
from (select date_trunc('hour', min(at)) as at from {{ source('bronze', 'tick') }}) as t
cross join {{ source('bronze', 'listing') }} as l group by 1`,
    ),
  })
  await hours(kx, 0, 4)
  await kx.run()
  await kx.rows("insert into bronze.listing values ('a', '2024-05-01 02:00Z', 'infinity')")
  await kx.rows(
    "insert into kx.source_range values ('bronze.listing', nextval('kx.version'), '2024-05-01 02:00Z', 'infinity', 'a', now())",
  )

  const { code, out } = await kx.run()

  expect([code, steps(out)]).toEqual([0, ['built marts.expected 2024-05-01T02..2024-05-01T03']])
})

test('what becomes due while a run goes on is counted and left to the next', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await hours(kx, 0, 4)
  const now = { hour: 2.1 }
  const clock = { ...systemClock, now: () => FIRST_MS + now.hour * HOUR_MS }
  const lines: string[] = []

  const { code } = await kx.run(
    {},
    {
      clock,
      out: (line) => {
        lines.push(line)
        now.hour = 4.1
      },
    },
  )

  expect(code).toBe(0)
  expect(lines.at(-1)).toBe('2 partitions became due or stale meanwhile, left to the next run')
  expect(await kx.rows('select count(*) from kx.partition')).toEqual(['2'])
})
