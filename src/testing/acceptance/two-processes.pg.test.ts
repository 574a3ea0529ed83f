import { expect, test } from 'vitest'
import type { Warehouse } from '../../warehouse/index.ts'
import { aRunner, HOURLY, type Runner } from '../a-run.ts'
import { checkAgreement, sessionsGone } from './agreement.ts'
import { inTime } from './disturb.ts'
import { aKxChild, type KxChild } from './kx-child.ts'

const NAMES = `{{ config(materialized='incremental', time_column='hour_start', unique_key=['hour_start', 'name']) }}
select hour_start, name, value * 2 as value from {{ ref('hourly') }}`

/** Waits until a query gives what is wanted. */
async function until(kx: Runner, sql: string, wanted: string): Promise<void> {
  for (let tries = 0; (await kx.rows(sql))[0] !== wanted; tries++) {
    if (tries > 1000) throw new Error(`${sql} never gave ${wanted}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Runs `work` while nobody can begin a run: those who want to wait for its end. */
async function withRunsHeldBack(warehouse: Warehouse, work: () => Promise<void>): Promise<void> {
  await using session = await warehouse.session()
  await session.query('begin; lock table kx.run in exclusive mode')
  await work()
  await session.query('commit')
}

test('two backfills started at once share the work: each commits some of it, together exactly the plan', async () => {
  const hours = 60
  const kx = await aRunner({ 'models/silver/hourly.sql': HOURLY, 'models/gold/doubled.sql': NAMES })
  await kx.feed(Array.from({ length: hours }, (_, hour) => [hour, 'a', hour] as const))
  // Its tables are there: what is shared is the hours.
  await kx.run({ partition: '2024-05-01T00' })
  await kx.rows('truncate kx.run_step')
  const backfill = () => aKxChild('kx', ['run', '--threads', '1', '--batch', '1'], kx.directory)

  const children: KxChild[] = []
  await withRunsHeldBack(kx.warehouse, async () => {
    children.push(await backfill(), await backfill())
    await until(kx, "select count(*) from pg_locks where not granted and relation = 'kx.run'::regclass", '2')
  })
  const ends = await Promise.all(children.map(({ ended }) => inTime(ended)))

  expect(ends.map(({ code, lines }) => (code === 0 ? 'done' : lines.join('\n')))).toEqual(['done', 'done'])
  const committed = await kx.rows(
    "select sum(hours) from kx.run_step where status = 'done' group by run_id order by 1",
  )
  expect(committed).toHaveLength(2)
  expect(committed.reduce((sum, count) => sum + Number(count), 0)).toBe((hours - 1) * 2)
  expect(await kx.rows('select count(*), sum(value) from gold.doubled')).toEqual([`${hours} 3540`])
  expect(await checkAgreement(kx.warehouse)).toEqual([])
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  'on %s a run exits 130 at once, with the step in flight rolled back and the hours before it kept',
  async (signal) => {
    const kx = await aRunner({
      'models/silver/hourly.sql': HOURLY.replace(
        'group by 1, 2',
        "where name <> 'slow' or pg_sleep(60) is not null group by 1, 2",
      ),
    })
    await kx.feed([
      [0, 'slow', 1],
      [1, 'a', 1],
      [2, 'a', 2],
    ])
    const child = await aKxChild('kx', ['run', '--threads', '1', '--batch', '1'], kx.directory)
    await until(kx, "select count(*) from pg_stat_activity where wait_event = 'PgSleep'", '1')

    child.kill(signal)
    const { code, lines } = await inTime(child.ended)

    expect(code, lines.join('\n')).toBe(130)
    expect(lines.join('\n')).toContain('interrupted')
    await sessionsGone(kx.warehouse)
    expect(await checkAgreement(kx.warehouse)).toEqual([])
    expect(await kx.rows('select value from silver.hourly order by hour_start')).toEqual(['1', '2'])
    expect(await kx.rows('select count(*) from kx.partition where attempt_code is not null')).toEqual(['0'])
    expect(await kx.rows('select status from kx.run')).toEqual(['interrupted'])
  },
)
