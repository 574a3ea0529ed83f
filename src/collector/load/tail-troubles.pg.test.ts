import { randomBytes } from 'node:crypto'
import { appendFileSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { aFeedLanding } from '../../testing/a-feed-landing.ts'
import { aLoadBench } from '../../testing/a-load.ts'
import { AGREEMENT, aTail, channels, expected, RECORDS } from '../../testing/a-tail.ts'

/** An index whose lines are longer than one may be. */
const LONG_INDEX = `create function bronze.hashes(text) returns text immutable language sql
  as $$ select string_agg(md5($1 || i), '') from generate_series(1, 400) as i $$;
create index on bronze.market_ticks (bronze.hashes(symbol))`

describe('a part that cannot be loaded does not hold up the others', () => {
  test('a bad line goes to dead letters, its neighbours into bronze', async () => {
    const bench = await aLoadBench()
    const landing = aFeedLanding(join(bench.directory, 'landing'))
    landing.append('ticks', 1)
    const [part] = landing.parts()
    const bad = `{"v":1,"feed_id":"\u0000"}\n{"v":2}\n`
    appendFileSync(join(landing.directory, part?.path ?? ''), bad)

    const result = await aTail(bench, landing).load([
      { path: part?.path ?? '', bytes: (part?.bytes ?? 0) + bad.length, isSealed: true },
    ])

    expect(result).toMatchObject({ rows: 1, badLines: 2 })
    const [file = ''] = result.deadLetterFiles
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(2)
  })

  test.each([
    ['as a rule', `alter table bronze.market_ticks add constraint never check (exchange <> 'kraken')`],
    ['as too long', LONG_INDEX],
  ])('what Postgres refuses %s is named, the rest is there', async (_, change) => {
    const bench = await aLoadBench()
    await bench.warehouse.query(change)
    const landing = aFeedLanding(join(bench.directory, 'landing'))
    for (const channel of channels) landing.append(channel, 2)

    const result = await aTail(bench, landing).load(landing.parts())

    expect(result.rows).toBe(8)
    expect(result.parts.filter(({ problem }) => problem).map(({ path }) => path)).toEqual([
      expect.stringContaining('channel=ticks'),
    ])
    expect(await bench.rows(AGREEMENT)).toEqual(['t'])
  })

  test('a name that is too long for an index is a bad line', async () => {
    const bench = await aLoadBench()
    const landing = aFeedLanding(join(bench.directory, 'landing'))
    for (const channel of channels) landing.append(channel, 2)
    const ticks = landing.parts().find(({ path }) => path.includes('channel=ticks'))
    const file = join(landing.directory, ticks?.path ?? '')
    const [line = ''] = readFileSync(file, 'utf8').split('\n')
    const name = randomBytes(10_000).toString('base64url')
    const long = `${line.replace(/"(native_)?symbol":"[^"]*"/g, `"$1symbol":"${name}"`)}\n`
    appendFileSync(file, long)
    const parts = landing
      .parts()
      .map((part) => (part.path === ticks?.path ? { ...part, bytes: part.bytes + long.length } : part))

    const result = await aTail(bench, landing).load(parts)

    expect(result).toMatchObject({ rows: 10, badLines: 1 })
    expect(result.parts.filter(({ problem }) => problem)).toEqual([])
  })

  test('a part that lost synced lines is told, and loads when they are back', async () => {
    const bench = await aLoadBench()
    const landing = aFeedLanding(join(bench.directory, 'landing'))
    landing.append('ticks', 4)
    landing.append('events', 1)
    const [part] = landing.parts()
    const file = join(landing.directory, part?.path ?? '')
    const whole = readFileSync(file)
    truncateSync(file, whole.length - 10)
    const tail = aTail(bench, landing)

    const torn = await tail.load(landing.parts())
    rmSync(file)
    bench.write(`landing/${part?.path}`, whole)
    const soon = await tail.load(landing.parts())
    // A minute of the tail's clock, which runs 100 times as fast.
    await new Promise((resolve) => setTimeout(resolve, 700))
    const later = await tail.load(landing.parts())

    expect(torn.parts.map(({ problem }) => problem?.kind)).toEqual(['failed', undefined])
    expect([torn.rows, soon.rows, later.rows]).toEqual([4, 0, 1])
    expect(await bench.rows(RECORDS)).toEqual([expected(landing)])
  })

  test('dead letters and channels without a table are skipped for good', async () => {
    const bench = await aLoadBench()
    const landing = aFeedLanding(join(bench.directory, 'landing'))
    landing.append('ticks', 1)
    const [part] = landing.parts()
    const text = readFileSync(join(landing.directory, part?.path ?? ''))
    const paths = ['dead-letters/exchange=kraken/hour=13/p.jsonl', 'exchange=kraken/channel=trades/p.jsonl']
    for (const path of paths) bench.write(`landing/${path}`, text)
    const parts = paths.map((path) => ({ path, bytes: text.length, isSealed: true }))

    const result = await aTail(bench, landing).load(parts)

    expect(result.parts.map(({ problem }) => problem)).toEqual([
      { kind: 'skipped', reason: 'dead letters are no data' },
      { kind: 'skipped', reason: 'channel trades is not one that kx loads' },
    ])
  })
})
