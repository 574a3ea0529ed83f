import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aFeedLanding, type FeedLanding, type linesByChannel } from '../../testing/a-feed-landing.ts'
import { aLoadBench, summaryOf } from '../../testing/a-load.ts'
import { AGREEMENT, aTail, channels, EMPTY, expected, RECORDS } from '../../testing/a-tail.ts'
import { aCutProxy } from '../../testing/cut-proxy.ts'
import { openWarehouse } from '../../warehouse/index.ts'
import type { Tail, TailResult } from './tail.ts'

test('records of every channel are in their tables, typed and named', async () => {
  const bench = await aLoadBench()
  const landing = aFeedLanding(join(bench.directory, 'landing'))
  for (const channel of channels) landing.append(channel, 2)

  const result = await aTail(bench, landing).load(landing.parts())

  expect(result).toMatchObject({
    rows: 10,
    badLines: 0,
    rowsByRelation: { 'bronze.ohlcv_native': 4, 'bronze.market_ticks': 2 },
    unlisted: [{ nativeSymbol: 'ETHUSDT', symbol: 'ETH-USD', quoteAsset: 'USDT' }],
  })
  expect(result.parts.map(({ loadedBytes, problem }) => [loadedBytes, problem])).toEqual(
    landing.parts().map(({ bytes }) => [bytes, undefined]),
  )
  expect(
    await bench.rows(
      'select exchange, native_symbol, symbol, quote_asset, price, ask, last, exchange_at, received_at, feed_id, sequence, row, sampled, landing_line from bronze.market_ticks order by sequence',
    ),
  ).toEqual([
    'kraken ETHUSDT ETH-USD USDT 3000.25 3000.2 3000.25 2024-05-01 13:50:00.123+00 2024-05-01 13:50:00+00 c1-b1-0-kraken-1 0 0 t 1',
    'kraken ETHUSDT ETH-USD USDT 3001.25 null 3001.25 2024-05-01 13:50:00.123+00 2024-05-01 13:50:03+00 c1-b1-0-kraken-1 1 1 f 2',
  ])
  expect(
    await bench.rows(
      'select exchange, feed_id, symbol, event, event_at, attempt, cause, details from bronze.connection_events order by event_at',
    ),
  ).toEqual([
    'kraken c1-b1-0-kraken-1 BTC-USD subscribed 2024-05-01 13:50:00+00 null a "quoted" cause {"names": ["a", "b"], "frames": 0}',
    'kraken c1-b1-0-kraken-1 null subscribed 2024-05-01 13:50:03+00 1 null null',
  ])
  expect(
    await bench.rows('select channel, symbol, up_from, up_to, cause from bronze.feed_uptime limit 1'),
  ).toEqual(['ohlc null 2024-05-01 13:50:00+00 2024-05-01 13:50:03+00 null'])
  expect(
    await bench.rows(
      'select native_symbol, quote_asset, is_final, proof from bronze.ohlcv_native order by 1, 3',
    ),
  ).toEqual(['BTC/USD USD f null', 'BTC/USD USD t sent', 'BTC/USDC USDC f null', 'BTC/USDC USDC t sent'])
})

test('what is not synced is not loaded, and what is synced is, each once, whoever comes and goes', async () => {
  const bench = await aLoadBench()
  const step = fc.record({
    channel: fc.constantFrom(...channels),
    lines: fc.nat(15),
    torn: fc.constantFrom(0, 0, 1, 40, 400),
    next: fc.constantFrom('load', 'load', 'load', 'kill', 'nothing', 'kx load'),
  })
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 15 }), async (steps) => {
      await bench.warehouse.query(EMPTY)
      const landing = aFeedLanding(join(bench.directory, `landing-${run++}`))
      let tail = aTail(bench, landing)
      for (const { channel, lines, torn, next } of steps) {
        landing.append(channel as keyof typeof linesByChannel, lines, torn)
        if (next === 'kill') tail = aTail(bench, landing)
        if (next === 'load') {
          await tail.load(landing.parts())
          expect(await bench.rows(RECORDS)).toEqual([expected(landing)])
        }
        if (next === 'kx load' && landing.parts().length > 0) await bench.load({ paths: [landing.directory] })
        expect(await bench.rows(AGREEMENT)).toEqual(['t'])
      }
      await tail.load(landing.parts())

      expect(await bench.rows(RECORDS)).toEqual([expected(landing)])
      expect(await bench.rows(AGREEMENT)).toEqual(['t'])
      if (landing.parts().length === 0) return
      for (const { path, bytes } of landing.parts()) {
        const text = readFileSync(join(landing.directory, path)).subarray(0, bytes)
        bench.write(`landing-${run - 1}/${path}.gz`, gzipSync(text))
      }
      const again = summaryOf(await bench.load({ paths: [landing.directory] }))
      expect(again).toMatchObject({ rows: 0, badLines: 0, failedFiles: 0 })
      expect((await aTail(bench, landing).load(landing.parts())).rows).toBe(0)
    }),
    { numRuns: 15 },
  )
}, 180_000)

test.each(['toServer', 'toClient'] as const)(
  'a line cut before any message %s: the tail finds out what was committed and goes on',
  async (direction) => {
    const bench = await aLoadBench()
    const proxy = await aCutProxy(bench.warehouse.target)
    let cuts = 0
    for (let before = 1, isCut = true; isCut; before++) {
      await bench.warehouse.query(EMPTY)
      const landing = aFeedLanding(join(bench.directory, `cut-${before}`))
      proxy.arm()
      await using through = await openWarehouse(proxy.target, { poolSize: 1, applicationName: 'kx test' })
      const tail = aTail(bench, landing, through)
      for (const channel of channels) landing.append(channel, 3)
      await loadAll(tail, landing)
      for (const channel of channels) landing.append(channel, 15)

      proxy.arm({ direction, before })
      const result = await tail.load(landing.parts()).catch((error: Error) => error)
      isCut = proxy.isCut
      proxy.arm()

      expect(await bench.rows(AGREEMENT), `cut before message ${before}`).toEqual(['t'])
      if (result instanceof Error || isBusy(result)) await loadAll(tail, landing)
      expect(await bench.rows(RECORDS), `cut before message ${before}`).toEqual([expected(landing)])
      expect(await bench.rows(AGREEMENT), `cut before message ${before}`).toEqual(['t'])
      cuts += isCut ? 1 : 0
    }
    expect(cuts).toBeGreaterThan(20)
  },
  180_000,
)

/** The session of a cut line may hold its parts a moment longer. */
function isBusy({ parts }: TailResult): boolean {
  return parts.some(({ problem }) => problem?.kind === 'busy')
}

async function loadAll(tail: Tail, landing: FeedLanding): Promise<void> {
  for (let i = 0; i < 100 && isBusy(await tail.load(landing.parts())); i++)
    await new Promise((resolve) => setTimeout(resolve, 50))
}

describe('a tail follows the ledger, not its memory', () => {
  test('when the warehouse is restored from before', async () => {
    const bench = await aLoadBench()
    const landing = aFeedLanding(join(bench.directory, 'landing'))
    const tail = aTail(bench, landing)
    landing.append('ticks', 3)
    await tail.load(landing.parts())
    await bench.warehouse.query(EMPTY)
    landing.append('ticks', 2)

    const result = await tail.load(landing.parts())

    expect(result.rows).toBe(5)
    expect(await bench.rows(RECORDS)).toEqual([expected(landing)])
  })

  test('when its part was rewritten', async () => {
    const bench = await aLoadBench()
    const landing = aFeedLanding(join(bench.directory, 'landing'))
    landing.append('btc', 3)
    landing.append('ticks', 1)
    await aTail(bench, landing).load(landing.parts())
    const [part] = landing.parts()
    const file = join(landing.directory, part?.path ?? '')
    bench.write(`landing/${part?.path}`, readFileSync(file, 'utf8').replaceAll('60000', '70000'))
    landing.append('btc', 1)
    landing.append('ticks', 1)

    const result = await aTail(bench, landing).load(landing.parts())

    expect(result.parts.map(({ problem }) => problem?.kind)).toEqual(['failed', undefined])
    expect(result.parts[0]?.problem).toMatchObject({ error: { code: 'KX_LOAD_CHANGED' } })
    expect(result.rows).toBe(1)
  })

  test('while another process holds a part, that part waits', async () => {
    const bench = await aLoadBench()
    const landing = aFeedLanding(join(bench.directory, 'landing'))
    const tail = aTail(bench, landing)
    landing.append('ticks', 2)
    landing.append('uptime', 2)
    await tail.load(landing.parts())
    landing.append('ticks', 2)
    landing.append('uptime', 2)
    await using other = await bench.warehouse.session()
    // What `kx load` holds of a file until its rows are committed.
    await other.query(
      `select pg_advisory_lock(key) from (
        select ('x' || left(encode(sha256(convert_to('kx load bronze.market_ticks ' || fingerprint, 'utf8')), 'hex'), 13))::bit(52)::bigint as key
        from kx.load_file where relation = 'bronze.market_ticks') as held`,
    )

    const busy = await tail.load(landing.parts())
    await other.query('select pg_advisory_unlock_all()')
    const free = await tail.load(landing.parts())

    expect(busy.parts.map(({ problem }) => problem?.kind)).toEqual(['busy', undefined])
    expect([busy.rows, free.rows]).toEqual([2, 2])
  })
})

test('a long backlog is one load to the ledger, in several transactions', async () => {
  const bench = await aLoadBench()
  const landing = aFeedLanding(join(bench.directory, 'landing'))
  const tail = aTail(bench, landing)
  for (let i = 0; i < 5; i++) {
    landing.append('uptime', 10)
    await tail.load(landing.parts())
  }

  expect(await bench.rows('select count(*), sum(rows) from kx.load')).toEqual(['1 50'])
  expect(await bench.rows('select rows, load_id is not null from kx.change')).toEqual(['50 t'])
  expect(await bench.rows('select count(*), sum(rows) from kx.source_partition')).toEqual(['1 50'])
})
