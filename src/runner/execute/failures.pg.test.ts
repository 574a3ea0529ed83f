import { expect, test } from 'vitest'
import { aRunner, HOURLY, type Runner } from '../../testing/a-run.ts'

const CHILD = `{{ config(materialized='incremental', time_column='hour_start', unique_key=['hour_start', 'name']) }}
select hour_start, name, value from {{ ref('hourly') }}`

/** Fails in the hour whose value is 7. */
const FRAGILE = HOURLY.replace('sum(value order by at, value)', '1 / sum(value - 7)')

const steps = (out: readonly string[]) =>
  out
    .filter((line) => /^(built|unchanged|current|failed|blocked|claimed) +\w+\./.test(line))
    .map((line) => line.replace(/ {2,}/g, ' ').split(' ').slice(0, 3).join(' '))

const hours = (kx: Runner, values: readonly number[]) =>
  kx.feed(values.map((value, hour) => [hour, 'a', value] as const))

test('of a batch only the bad hour fails, and of its children only that hour is blocked', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': FRAGILE, 'models/gold/child.sql': CHILD })
  await hours(kx, [1, 2, 3, 7, 4, 5, 6, 8])

  const { code, out } = await kx.run({ threads: '1' })

  expect(code).toBe(1)
  expect(steps(out).sort()).toEqual([
    'blocked gold.child 2024-05-01T03',
    'built gold.child 2024-05-01T00..2024-05-01T02',
    'built gold.child 2024-05-01T04..2024-05-01T07',
    'built silver.hourly 2024-05-01T00..2024-05-01T01',
    'built silver.hourly 2024-05-01T02',
    'built silver.hourly 2024-05-01T04..2024-05-01T07',
    'failed silver.hourly 2024-05-01T03',
  ])
  expect(await kx.rows('select count(*) from gold.child')).toEqual(['7'])
})

test('a failed hour keeps what it held, is told apart, and is tried again', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': FRAGILE })
  await hours(kx, [1])
  await kx.run()
  const held = 'select status, version, rows, run_id from kx.partition'
  const before = await kx.rows(held)
  await kx.feed([[0, 'a', 13]])

  const failed = await kx.run()

  expect(failed.code).toBe(1)
  expect(await kx.rows(held)).toEqual(before)
  expect(await kx.rows('select attempt_code, attempt_run_id <> run_id from kx.partition')).toEqual([
    'KX_SQL_FAILED t',
  ])
  await kx.feed([[0, 'a', 20]])
  const again = await kx.run({ partition: 'failed' })
  expect(steps(again.out)).toEqual(['built silver.hourly 2024-05-01T00'])
  expect(await kx.rows('select attempt_code from kx.partition')).toEqual([''])
})

test('a deadlock is tried three times, then it is the failure of its step alone', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY.replace('sum(value order by at, value)', 'public.shaky(sum(value))'),
    'models/silver/other.sql': HOURLY,
  })
  await kx.rows('create sequence public.calls')
  await kx.rows(`create function public.shaky(value double precision) returns double precision language plpgsql as $$
begin
    if value = 7 or nextval('public.calls') < 3 then raise exception 'deadlock' using errcode = '40P01'; end if;
    return value;
end $$`)
  await hours(kx, [1, 7])

  const { code, err } = await kx.run({ batch: '1', threads: '1' })

  expect(code).toBe(1)
  expect(err.filter((line) => line.includes('deadlock'))).toHaveLength(1)
  expect(await kx.rows('select value from silver.hourly')).toEqual(['1'])
  expect(await kx.rows('select value from silver.other order by 1')).toEqual(['1', '7'])
})

test('rows that a blocking assertion refuses are kept once, however often their batch was split', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'tests/generic/small.sql':
      '{% test small(model, column_name) %}select * from {{ model }} where {{ column_name }} >= 7{% endtest %}',
    'models/silver/hourly.yml': `
description: Made-up sums.
columns:
  hour_start: { type: timestamptz, description: Hour. }
  name: { type: text, description: What. }
  value: { type: double precision, description: Sum., tests: [{ small: { name: small, blocking: true } }] }
`,
  })
  await hours(kx, [1, 2, 7, 8, 4, 9])

  const { code } = await kx.run({ threads: '1' })

  expect(code).toBe(1)
  expect(
    await kx.rows(
      "select range_start, range_end - range_start, row ->> 'value' from kx_audit.small order by 1",
    ),
  ).toEqual([
    '2024-05-01 02:00:00+00 01:00:00 7',
    '2024-05-01 03:00:00+00 01:00:00 8',
    '2024-05-01 05:00:00+00 01:00:00 9',
  ])
})

test('--fail-fast stops at the first failure, --limit after so many steps', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': FRAGILE })
  await hours(kx, [1, 2, 3, 7, 4])

  const limited = await kx.run({ batch: '1', threads: '1', limit: '1' })
  const fast = await kx.run({ batch: '1', threads: '1', failFast: true })

  expect([limited.code, steps(limited.out)]).toEqual([0, ['built silver.hourly 2024-05-01T04']])
  expect(limited.out.at(-1)).toContain('4 left for the next run')
  expect([fast.code, steps(fast.out)]).toEqual([1, ['failed silver.hourly 2024-05-01T03']])
})

test('a missing parent that is not selected blocks, a stale one is read as it is', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY, 'models/gold/child.sql': CHILD })
  await hours(kx, [1, 2])
  await kx.run({ partition: '2024-05-01T00', select: ['hourly'] })

  const missing = await kx.run({ select: ['child'] })
  await kx.run({ select: ['hourly'] })
  await kx.feed([[1, 'a', 5]])
  const stale = await kx.run({ select: ['child'] })

  expect([missing.code, stale.code]).toEqual([1, 0])
  expect(steps(missing.out).sort()).toEqual([
    'blocked gold.child 2024-05-01T01',
    'built gold.child 2024-05-01T00',
  ])
  expect(stale.err).toContain(
    'warning: silver.hourly is not selected and has 1 stale partition: they are read as they are',
  )
})

test('an hour locked elsewhere is waited for while other work goes on', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await hours(kx, [1, 2, 3])
  await using other = await kx.warehouse.session()
  await other.query(
    "select pg_advisory_lock(hashtextextended('kx::silver.hourly:' || (extract(epoch from timestamptz '2024-05-01 01:00Z') * 1000)::float8::text, 0))",
  )
  const running = kx.run({ batch: '1', threads: '1', limit: '3' })
  await expect.poll(() => kx.rows('select count(*) from kx.partition'), { timeout: 5000 }).toEqual(['2'])
  await other.query('select pg_advisory_unlock_all()')

  const { code, out } = await running

  expect(code).toBe(0)
  expect(steps(out)).toEqual([
    'built silver.hourly 2024-05-01T02',
    'claimed silver.hourly 2024-05-01T01',
    'built silver.hourly 2024-05-01T00',
    'built silver.hourly 2024-05-01T01',
  ])
})

test('an interrupted run exits 130 and leaves ledger and rows in agreement', async () => {
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY })
  await hours(
    kx,
    Array.from({ length: 40 }, (_, n) => n),
  )
  const stop = new AbortController()
  const out: string[] = []

  const { code } = await kx.run(
    { batch: '1', threads: '2' },
    {
      signal: stop.signal,
      out: (line) => {
        if (out.push(line) === 6) stop.abort()
      },
    },
  )

  expect(code).toBe(130)
  const built = await kx.rows('select partition_start from kx.partition order by 1')
  expect(await kx.rows('select hour_start from silver.hourly order by 1')).toEqual(built)
  expect(await kx.rows('select status from kx.run')).toEqual(['interrupted'])
  expect((await kx.run({ threads: '8' })).code).toBe(0)
  expect(await kx.rows('select count(*), sum(value) from silver.hourly')).toEqual(['40 780'])
})

test('an error is shown where it was written, behind characters that JavaScript counts twice too', async () => {
  const kx = await aRunner({
    'models/silver/odd.sql': "{{ config(materialized='table') }}\nselect '😀😀' as face, {{ 'nope' }} as x",
  })

  const { err } = await kx.run()

  expect(err.join('\n')).toContain('KX_SQL_FAILED models/silver/odd.sql:2:27\n  column "nope" does not exist')
})

test('a type that Postgres does not know is shown in the contract', async () => {
  const kx = await aRunner({
    'models/silver/odd.sql': "{{ config(materialized='table') }}\nselect 1 as id",
    'models/silver/odd.yml': 'columns:\n  id: { type: it }',
  })

  const { err } = await kx.run()

  expect(err.join('\n')).toContain(
    'KX_CONTRACT_INVALID models/silver/odd.yml\n  columns.id: type "it" does not exist\n  → Write a type',
  )
})

test('an error behind bounds of the partition is where it was written', async () => {
  const kx = await aRunner({
    'models/silver/hourly.sql': HOURLY,
    'models/gold/child.sql': `${CHILD}\nwhere {{ partition.start }} < {{ partition.end }} and nope`,
  })
  await kx.feed([[0, 'a', 1]])

  const { err } = await kx.run()

  expect(err.join('\n')).toContain('models/gold/child.sql:3:55')
})

test('characters that count twice in an ephemeral above shift no place', async () => {
  const kx = await aRunner({
    'models/silver/faces.sql': "{{ config(materialized='ephemeral') }}\nselect '😀😀😀' as face",
    'models/silver/odd.sql': "{{ config(materialized='table') }}\nselect face, nope from {{ ref('faces') }}",
  })

  const { err } = await kx.run()

  expect(err.join('\n')).toContain('KX_SQL_FAILED models/silver/odd.sql:2:14')
})

test.each([
  ['under one child', "select id from {{ ref('inner') }}"],
  ['read by another one', "select id from {{ ref('outer') }}"],
])('an error in an ephemeral %s is where the ephemeral was written', async (_, child) => {
  const ephemeral = "{{ config(materialized='ephemeral') }}\n"
  const kx = await aRunner({
    'models/silver/inner.sql': `${ephemeral}select\n    1 as id,\n    nope as missing`,
    'models/silver/outer.sql': `${ephemeral}select id from {{ ref('inner') }}`,
    'models/silver/odd.sql': `{{ config(materialized='table') }}\n${child}`,
  })

  const { err } = await kx.run()

  expect(err.join('\n')).toContain(
    'KX_SQL_FAILED models/silver/inner.sql:4:5\n  column "nope" does not exist',
  )
})
