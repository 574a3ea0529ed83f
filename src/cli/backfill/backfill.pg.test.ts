import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scaledClock } from '../../base/index.ts'
import { takeLock } from '../../collector/control/lock.ts'
import type { BackfillEvent } from '../../collector/repair/backfill.ts'
import { aProject } from '../../testing/a-project.ts'
import { aRestMarket } from '../../testing/a-rest-market.ts'
import { anIo } from '../../testing/an-io.ts'
import { aDatabase } from '../../testing/database.ts'
import { openWarehouse } from '../../warehouse/index.ts'
import { backfillCommand } from './backfill.ts'
import type { BackfillOptions } from './request.ts'

const NOON_MS = Date.UTC(2024, 4, 1, 12)
const SETTINGS = `instruments:
  - { exchange: kraken, native_symbol: BTC/USD, symbol: BTC-USD, quote_asset: USD }
  - { exchange: binance_us, native_symbol: BTCUSDT, symbol: BTC-USD, quote_asset: USDT }
  - { exchange: kraken, native_symbol: LUNA/USD, symbol: LUNA-USD, quote_asset: USD }`

/** A project whose exchanges are on this machine, at five past noon of 2024-05-01. */
async function aBackfill() {
  const scale = { factor: 20, realMs: Date.now(), atMs: NOON_MS + 300_000 }
  const clock = scaledClock(() => scale)
  const market = await aRestMarket({ now: () => clock.now(), symbols: ['BTC/USD', 'BTCUSDT'] })
  const target = await aDatabase()
  const { directory } = aProject({}, { targets: { test: target }, settings: SETTINGS })
  cpSync('models/bronze', join(directory, 'models/bronze'), { recursive: true })
  const env = { KX_REST_KRAKEN: market.url, KX_REST_BINANCE_US: market.url }
  return {
    market,
    clock,
    stateDirectory: join(directory, '.kx/collect'),
    async run(options: BackfillOptions, logFormat: 'text' | 'json' = 'text') {
      const { io, out, err } = anIo({ cwd: directory, env, clock, logFormat })
      return { code: await backfillCommand(io, options), out, err }
    },
    async rows() {
      await using warehouse = await openWarehouse(target, { poolSize: 1, applicationName: 'kx test' })
      await using session = await warehouse.session()
      const { rows } = await session.queryText(
        `select exchange, count(*), count(distinct interval_start), bool_and(is_final) from bronze.ohlcv_native
        group by exchange order by exchange`,
      )
      return rows.map((row) => row.join(' '))
    },
  }
}

test('minutes that are missing come all the way into bronze; asked for again, nothing is to do', async () => {
  const kx = await aBackfill()
  const options = { partition: '2024-05-01T10..2024-05-01T11', symbols: 'btc%' }

  const first = await kx.run(options)
  const second = await kx.run(options)

  expect(first.code).toBe(0)
  expect(first.err[0]).toBe(
    'missing  240 minutes of 240 expected minutes of 2 instruments, 2024-05-01T10..2024-05-01T11',
  )
  expect(first.out).toEqual([
    'exchange    symbol   asked  landed  quiet  open',
    'kraken      BTC/USD    120     120     30     0',
    'binance_us  BTCUSDT    120     120     30     0',
    '240 minutes asked for, 240 landed final (60 quiet), none is open',
  ])
  expect(await kx.rows()).toEqual(['binance_us 120 120 t', 'kraken 120 120 t'])
  expect(second).toMatchObject({
    code: 0,
    out: ['0 minutes asked for, 0 landed final (0 quiet), none is open'],
  })
})

test('without options it is the last 24 settled hours; what stays open is named and fails', async () => {
  const kx = await aBackfill()

  const { code, out } = await kx.run({ exchanges: 'kraken' }, 'json')

  expect(code).toBe(1)
  const events = out.map((line) => JSON.parse(line))
  expect(events[0]).toMatchObject({
    type: 'backfill.planned',
    from: new Date(NOON_MS - 24 * 3_600_000).toISOString(),
    to: new Date(NOON_MS).toISOString(),
    missing_minutes: 2880,
  })
  expect(events.at(-1)).toMatchObject({
    type: 'backfill.summary',
    instruments: [
      { native_symbol: 'BTC/USD', asked: 1440, landed: 1440, open: 0 },
      {
        native_symbol: 'LUNA/USD',
        landed: 0,
        open: 1440,
        reason: 'unknown_symbol: EQuery:Unknown asset pair',
      },
    ],
  })
})

test('of a list of symbols what means nothing is named, and the rest is asked for, as kx collect does', async () => {
  const kx = await aBackfill()

  const { code, err } = await kx.run({ partition: '2024-05-01T11', exchanges: 'kraken', symbols: 'btc%,zzz' })

  expect(err[0]).toBe('warning: --symbols zzz means no instrument of kraken')
  expect(err[1]).toBe('missing  60 minutes of 60 expected minutes of 1 instrument, 2024-05-01T11')
  expect(code).toBe(0)
})

test('hours that are not over are named: what is left of them is not asked for', async () => {
  const kx = await aBackfill()

  const { err } = await kx.run({ partition: '2024-05-01T11..2024-05-01T13', exchanges: 'kraken' })

  expect(err[0]).toBe('warning: 2024-05-01T12..2024-05-01T13 is not over yet: minutes to come are left out')
})

test.each<[BackfillOptions, string]>([
  [{ partition: '2024-05-02' }, 'KX_USAGE'],
  [{ partition: '2024-05-01', from: '2024-05-01' }, 'KX_USAGE'],
  [{ from: '2024-05-02', to: '2024-05-01' }, 'KX_USAGE'],
  [{ partition: 'yesterday' }, 'KX_PARTITION_INVALID'],
  [{ exchanges: 'krakn' }, 'KX_USAGE'],
  [{ symbols: 'DOGE%' }, 'KX_USAGE'],
])('%j is refused with %s before anything is asked', async (options, code) => {
  const kx = await aBackfill()

  await expect(kx.run(options)).rejects.toMatchObject({ code })

  expect(kx.market.asked).toEqual([])
})

test('a collector that runs does the work, and its progress is shown', async () => {
  const kx = await aBackfill()
  await using lock = await takeLock(kx.stateDirectory, { command: 'collect', nowMs: NOON_MS })
  const name = { exchange: 'kraken', nativeSymbol: 'BTC/USD', symbol: 'BTC-USD', quoteAsset: 'USD' }
  const range = { fromMs: NOON_MS - 3_600_000, toMs: NOON_MS }
  const landed = { type: 'landed', ...name, by: 'candles', minutes: 59, quiet: 2, ...range } as const
  const left = { openFromMs: NOON_MS - 60_000, openToMs: NOON_MS, reason: undefined }
  const events: BackfillEvent[] = [
    landed,
    { type: 'summary', instruments: [{ ...name, asked: 60, landed: 59, quiet: 2, open: 1, ...left }] },
  ]
  const requests: unknown[] = []
  lock.serve(async function* (request) {
    requests.push(request)
    yield* events
  })

  const { code, out, err } = await kx.run({
    partition: '2024-05-01T11',
    exchanges: 'kraken',
    symbols: 'BTC%',
  })

  expect(requests).toEqual([{ type: 'backfill', ...range, exchanges: ['kraken'], symbols: 'BTC%' }])
  expect(kx.market.asked).toEqual([])
  expect(err).toEqual(['landed   kraken BTC/USD  59 minutes, 2 quiet, 2024-05-01T11:00..2024-05-01T11:59'])
  expect(out).toEqual([
    'exchange  symbol   asked  landed  quiet  open',
    'kraken    BTC/USD     60      59      2     1  2024-05-01T11:59',
    '60 minutes asked for, 59 landed final (2 quiet), 1 still open',
  ])
  expect(code).toBe(1)
})

test('two backfills at once: the second is told who is first', async () => {
  const kx = await aBackfill()
  await using _ = await takeLock(kx.stateDirectory, { command: 'backfill', nowMs: NOON_MS })

  await expect(kx.run({ partition: '2024-05-01T11' })).rejects.toMatchObject({ code: 'KX_COLLECT_BUSY' })
})
