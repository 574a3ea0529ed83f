import { expect, test } from 'vitest'
import { landingLine, loadInstruments } from '../../testing/a-load.ts'
import { aRepairBench, NOON_MS, type RepairBench, tradedInstruments } from '../../testing/a-repair.ts'
import { anInstrument } from '../../testing/source-tables.ts'
import { type BackfillEvent, runBackfill } from './backfill.ts'
import { MINUTE_MS } from './minute-ranges.ts'

const traded = tradedInstruments(loadInstruments)
const HOUR_MS = 60 * MINUTE_MS
const lastHours = (hours: number) => ({ fromMs: NOON_MS - hours * HOUR_MS, toMs: NOON_MS })

async function backfill(
  bench: RepairBench,
  { hours = 1, instruments = traded }: { readonly hours?: number; readonly instruments?: typeof traded } = {},
): Promise<BackfillEvent[]> {
  const { context, bronze, exchanges } = bench
  const events: BackfillEvent[] = []
  const range = lastHours(hours)
  const load = () => bench.loadLanding()
  const input = { ...context, ...bronze, exchanges, instruments, range, load }
  for await (const event of runBackfill(input)) events.push(event)
  return events
}
function summaryOf(events: readonly BackfillEvent[]) {
  const last = events.at(-1)
  if (last?.type !== 'summary') throw new Error(`it ended with ${last?.type}`)
  return last.instruments
}
const at = (minute: number) => new Date(NOON_MS - HOUR_MS + minute * MINUTE_MS).toISOString()

test('an hour of which nothing is known is asked for, landed and loaded, quiet minutes too', async () => {
  const bench = await aRepairBench()

  const events = await backfill(bench)

  expect(summaryOf(events)).toMatchObject([
    {
      exchange: 'kraken',
      nativeSymbol: 'BTC/USD',
      asked: 60,
      landed: 60,
      quiet: 15,
      open: 0,
      reason: undefined,
    },
    { exchange: 'binance_us', nativeSymbol: 'BTCUSDT', asked: 60, landed: 60, quiet: 15, open: 0 },
  ])
  expect(await bench.finals()).toEqual(['binance_us BTCUSDT 60 final rest', 'kraken BTC/USD 60 final rest'])
})

test('only minutes without a final row are asked for, and a second backfill asks for nothing', async () => {
  const bench = await aRepairBench()
  const lines = [0, 1, 2, 3].map((minute) =>
    landingLine(minute, { interval_start: at(minute), is_final: minute !== 2 }),
  )
  const folder = 'exchange=kraken/symbol=BTC-USD/interval_minutes=1/year=2024/month=05/day=01/hour=11'
  bench.write(`landing/${folder}/part-c-b-1-0.jsonl`, lines.join(''))
  await bench.loadLanding()

  const first = await backfill(bench, { instruments: traded.slice(0, 1) })
  const asked = bench.market.asked.length
  const second = await backfill(bench, { instruments: traded.slice(0, 1) })

  expect(summaryOf(first)).toMatchObject([{ asked: 57, landed: 57, open: 0 }])
  expect(summaryOf(second)).toMatchObject([{ asked: 0, landed: 0, open: 0 }])
  expect(bench.market.asked.slice(asked).filter((path) => path.includes('OHLC'))).toEqual([])
  expect(await bench.finals()).toEqual([
    'kraken BTC/USD 57 final rest',
    'kraken BTC/USD 3 final ws',
    'kraken BTC/USD 1 open ws',
  ])
})

test('a day of Kraken is built from candles and, where they end, from trades', async () => {
  const bench = await aRepairBench({ pageSize: 300 })

  const events = await backfill(bench, { hours: 14, instruments: traded.slice(0, 1) })

  expect(summaryOf(events)).toMatchObject([{ asked: 840, landed: 840, open: 0 }])
  expect(new Set(events.flatMap((event) => (event.type === 'landed' ? [event.by] : [])))).toEqual(
    new Set(['trades', 'candles']),
  )
  // As many trades as the minute's number modulo 4; quiet ones sent by OHLC, proven by the trades around them.
  expect(
    await bench.rows(
      `select count(*), count(*) filter (where proof = 'silence') > 30, bool_and(is_final),
          bool_and(trade_count = (extract(epoch from interval_start)::bigint / 60) % 4)
      from bronze.ohlcv_native`,
    ),
  ).toEqual(['840 t t t'])
})

test('an unknown symbol is named, costs one question, and its minutes stay open', async () => {
  const bench = await aRepairBench()
  const gone = anInstrument({ nativeSymbol: 'LUNA/USD', symbol: 'LUNA-USD', aliases: [] })

  const events = await backfill(bench, { instruments: [gone, ...traded] })

  expect(events).toContainEqual(
    expect.objectContaining({ type: 'fault', nativeSymbol: 'LUNA/USD', fault: 'unknown_symbol' }),
  )
  expect(summaryOf(events)).toMatchObject([
    {
      nativeSymbol: 'LUNA/USD',
      landed: 0,
      open: 60,
      reason: 'unknown_symbol: EQuery:Unknown asset pair',
    },
    { open: 0 },
    { open: 0 },
  ])
  expect(bench.market.asked.filter((path) => path.includes('LUNA'))).toHaveLength(1)
})

test('a page that nobody understands stays open, the others come', async () => {
  const fromMs = NOON_MS - 24 * HOUR_MS
  const bench = await aRepairBench({
    fault(url, response) {
      if (url.searchParams.get('startTime') !== String(fromMs)) return false
      response.writeHead(200).end('<html>')
      return true
    },
  })

  const events = await backfill(bench, { hours: 24, instruments: traded.slice(1) })

  expect(summaryOf(events)).toMatchObject([
    { landed: 740, open: 700, openFromMs: fromMs, reason: expect.stringContaining('malformed') },
  ])
})

test('an exchange that is never understood is not asked for all of it', async () => {
  const bench = await aRepairBench({
    fault(url, response) {
      if (!url.pathname.includes('klines')) return false
      response.writeHead(200).end('<html>')
      return true
    },
  })

  const events = await backfill(bench, { hours: 120, instruments: traded.slice(1) })

  expect(events.filter(({ type }) => type === 'fault')).toHaveLength(3)
  expect(summaryOf(events)).toMatchObject([{ landed: 0, open: 7200 }])
})

test('an exchange of which kx cannot ask candles is named', async () => {
  const bench = await aRepairBench()
  const other = anInstrument({ exchange: 'gate', nativeSymbol: 'BTC_USDT', quoteAsset: 'USDT' })

  expect(await backfill(bench, { instruments: [other] })).toContainEqual({
    type: 'unmapped',
    exchange: 'gate',
    instruments: 1,
  })
})

test('an exchange that is down for a while, limits us and shows an error page is waited for', async () => {
  let asked = 0
  const answers = [503, 200, 502, 200]
  const bodies = ['', '{"error":["EGeneral:Too many requests"]}', '<html>', '{"error":["EService:Busy"]}']
  const bench = await aRepairBench({
    factor: 40,
    fault(url, response) {
      if (!url.pathname.includes('OHLC') || asked >= answers.length) return false
      response.writeHead(answers[asked] ?? 500).end(bodies[asked])
      asked += 1
      return true
    },
  })

  const events = await backfill(bench, { instruments: traded.slice(0, 1) })

  const faults = events.flatMap((event) => (event.type === 'fault' ? [event.fault] : []))
  expect(faults).toEqual(['unavailable', 'limited', 'unavailable', 'unavailable'])
  expect(summaryOf(events)).toMatchObject([{ landed: 60, open: 0, reason: undefined }])
})

test('an exchange that is away is not asked for every instrument it lists', async () => {
  const bench = await aRepairBench({
    factor: 600,
    fault(_, response) {
      response.writeHead(503).end()
      return true
    },
  })
  const five = ['A', 'B', 'C', 'D', 'E'].map((coin) =>
    anInstrument({ nativeSymbol: `${coin}/USD`, symbol: `${coin}-USD`, aliases: [] }),
  )

  const summary = summaryOf(await backfill(bench, { instruments: five }))

  expect(summary.map(({ asked, open }) => [asked, open])).toEqual([
    ...[0, 1, 2].map(() => [60, 60]),
    ...[3, 4].map(() => [0, 60]),
  ])
  expect(summary.at(-1)?.reason).toBe('not asked: the exchange gave no answer before')
})

test('who stops reading stops the asking', async () => {
  const bench = await aRepairBench()
  const { context, bronze, exchanges } = bench
  const load = () => bench.loadLanding()
  const input = { ...context, ...bronze, exchanges, instruments: traded, range: lastHours(24), load }

  for await (const event of runBackfill(input)) if (event.type === 'landed') break

  const asked = bench.market.asked.length
  await bench.clock.sleep(30_000)
  // One question to each exchange may have been on its way.
  expect(bench.market.asked.length).toBeLessThanOrEqual(asked + 2)
})
