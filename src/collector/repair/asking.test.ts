import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { type Clock, scaledClock } from '../../base/index.ts'
import { aRestMarket, type RestMarketOptions, truthOf } from '../../testing/a-rest-market.ts'
import { anInstrument } from '../../testing/source-tables.ts'
import type { Broker } from '../broker/broker.ts'
import { createRestClient } from '../broker/rest-client.ts'
import { mapperOf } from '../exchange/index.ts'
import type { LandingLine } from '../record/index.ts'
import { askCandles } from './ask-candles.ts'
import { askMissing, type GapPage } from './ask-missing.ts'
import type { AskPage } from './ask-page.ts'
import { askTrades } from './ask-trades.ts'
import { openAsker } from './asker.ts'
import { type GapAsk, withWanted } from './gaps.ts'
import { MINUTE_MS, rangesOfMinutes } from './minute-ranges.ts'

const NOON = Date.UTC(2024, 4, 1, 12) / MINUTE_MS
/** Half a minute past noon, by the exchange's clock. */
const now = () => NOON * MINUTE_MS + 30_000
const noBroker: Broker = { grant: async () => undefined, report: () => undefined }

interface Bench extends Partial<RestMarketOptions> {
  readonly exchange?: 'kraken' | 'binance_us' | 'okx'
  /** Our own clock beside the exchange's, ms. */
  readonly skewMs?: number
}

/** An exchange and what came of asking it. */
async function aBench({ exchange = 'kraken', skewMs = 0, ...market }: Bench = {}) {
  const mapper = mapperOf(exchange)
  if (!mapper) throw new Error(`no mapper of ${exchange}`)
  const nativeSymbol = { kraken: 'BTC/USD', binance_us: 'BTCUSDT', okx: 'BTC-USDT' }[exchange]
  const server = await aRestMarket({ now, symbols: [nativeSymbol], ...market })
  const clock: Clock = {
    ...scaledClock(() => ({ factor: 50, realMs: 0, atMs: 0 })),
    now: () => now() + skewMs,
  }
  const lines: LandingLine[] = []
  const asker = openAsker(
    { mapper, restUrl: server.url },
    {
      clock,
      client: createRestClient({ broker: noBroker, clock }),
      land: async (more) => void lines.push(...more),
      nextFeedId: (name) => `c-b-0-${name}-1`,
      signal: new AbortController().signal,
    },
  )
  const quoteAsset = exchange === 'kraken' ? 'USD' : 'USDT'
  const instrument = anInstrument({ exchange, nativeSymbol, quoteAsset })
  return {
    server,
    lines,
    asker,
    async ask(minutes: readonly number[], by: GapAsk['by'] = 'candles', symbol = nativeSymbol) {
      const wanted = rangesOfMinutes(minutes.map((minute) => minute * MINUTE_MS))
      const pages: AskPage[] = []
      const asked = withWanted({ instrument: { ...instrument, nativeSymbol: symbol }, by }, wanted)
      const { trades } = mapper.rest
      const answers =
        by === 'trades' && trades
          ? askTrades(asker, { ask: asked, trades, priority: 'live' })
          : askCandles(asker, asked, 'live')
      for await (const page of answers) pages.push(page)
      return pages
    },
    /** Asks as repair does: the way is chosen by age. */
    async askAny(minutes: readonly number[]) {
      const missing = rangesOfMinutes(minutes.map((minute) => minute * MINUTE_MS))
      const pages: GapPage[] = []
      for await (const page of askMissing(asker, { instrument, missing }, 'live')) pages.push(page)
      return pages
    },
    /** `-5 final 3` is five minutes before noon, three trades. */
    landed: () =>
      lines.map(({ text }) => {
        const { fields, proof } = JSON.parse(text)
        const minute = Date.parse(fields.interval_start) / MINUTE_MS - NOON
        return `${minute} ${fields.is_final ? `final ${proof}` : 'open'} ${Number(fields.trade_count)}`
      }),
  }
}
const minutesBefore = (from: number, to: number) =>
  Array.from({ length: from - to }, (_, i) => NOON - from + i)

test.each(['kraken', 'binance_us'] as const)(
  '%s tells of missing minutes, quiet ones too',
  async (exchange) => {
    const { ask, landed, lines } = await aBench({ exchange })

    const pages = await ask(minutesBefore(9, 4))

    expect(landed()).toEqual([9, 8, 7, 6, 5].map((minute) => `-${minute} final sent ${(NOON - minute) % 4}`))
    expect(pages).toMatchObject([{ type: 'landed', quiet: 1 }])
    const { fields, feed_id, sequence } = JSON.parse(lines[0]?.text ?? '')
    const { open, high, low, close, volume, trade_count } = fields
    expect([open, high, low, close, Number(volume), trade_count].join(' ')).toBe(truthOf(NOON - 9, 3))
    expect([feed_id, sequence, fields.source]).toEqual([`c-b-0-${exchange}-rest-1`, 0, 'rest'])
  },
)

test('only what is missing is landed, though the answer holds more', async () => {
  const { ask, landed, server } = await aBench()

  await ask([NOON - 30, NOON - 3])

  expect(landed()).toEqual(['-30 final sent 2', '-3 final sent 1'])
  expect(server.asked).toHaveLength(1)
})

test.each([
  ['an hour ahead', 3_600_000],
  ['an hour behind', -3_600_000],
])('a running candle is not final though our clock is %s', async (_, skewMs) => {
  const { ask, landed } = await aBench({ skewMs, tradesIn: () => 4 })

  const [page] = await ask([NOON - 3, NOON - 2, NOON - 1, NOON])

  expect(landed()).toEqual(['-3 final sent 4', '-2 final sent 4', '-1 open 4', '0 open 3'])
  expect(page).toMatchObject({ answered: [{ toMs: (NOON - 1) * MINUTE_MS }] })
})

test('a running candle is not final though the exchange’s Date is an hour ahead', async () => {
  const { ask, landed } = await aBench({
    exchange: 'binance_us',
    date: (nowMs) => nowMs + 3_600_000,
    tradesIn: () => 4,
  })

  await ask([NOON - 1, NOON])

  expect(landed()).toEqual(['-1 final sent 4', '0 open 3'])
})

test('without a Date the exchange is asked for its time; without that nothing is final', async () => {
  const { ask, landed, asker } = await aBench({ date: () => undefined })

  await ask([NOON - 5])
  await asker.serverMs('live')
  await ask([NOON - 5])

  expect(landed()).toEqual(['-5 open 3', '-5 final sent 3'])
})

test('an answer about a part of what was asked for is not taken for all of it, though it is empty', async () => {
  // Listed 500 minutes before noon; an answer of OKX is about 300 minutes, whatever is in them.
  const { ask, landed, server } = await aBench({
    exchange: 'okx',
    fault(url, response) {
      const [after, before] = ['after', 'before'].map((name) => Number(url.searchParams.get(name)))
      const first = Math.max(NOON - 500, Math.floor((before ?? 0) / MINUTE_MS) + 1)
      const end = Math.min(NOON, Math.ceil((after ?? 0) / MINUTE_MS))
      const rows = Array.from({ length: Math.max(0, end - first) }, (_, i) =>
        [(first + i) * MINUTE_MS, 1, 1, 1, 1, 1, 1, 1, 1].map(String),
      )
      response.writeHead(200).end(JSON.stringify({ code: '0', data: rows.reverse() }))
      return true
    },
  })

  const pages = await ask(minutesBefore(1000, 400))

  expect(landed()).toHaveLength(100)
  expect(landed()[0]).toMatch(/^-500 final sent/)
  expect(pages).toMatchObject([
    { answered: [{ fromMs: (NOON - 1000) * MINUTE_MS, toMs: (NOON - 700) * MINUTE_MS }] },
    { answered: [{ fromMs: (NOON - 700) * MINUTE_MS, toMs: (NOON - 400) * MINUTE_MS }] },
  ])
  expect(server.asked).toHaveLength(2)
})

test('an empty answer proves nothing', async () => {
  const { ask, landed } = await aBench({
    fault: (_, response) => {
      response.writeHead(200).end('{"error":[],"result":{"BTC/USD":[],"last":0}}')
      return true
    },
  })

  expect(await ask([NOON - 5])).toMatchObject([{ type: 'landed', final: [], quiet: 0 }])
  expect(landed()).toEqual([])
})

const says = (status: number, body: string) => (_: URL, response: ServerResponse) => {
  response.writeHead(status).end(body)
  return true
}

test.each([
  ['limited', says(200, '{"error":["EGeneral:Too many requests"]}')],
  ['limited', says(429, '')],
  ['limited', says(418, '')],
  ['unavailable', says(200, '{"error":["EService:Unavailable"]}')],
  ['unavailable', says(502, '<html>')],
  ['unknown_symbol', says(200, '{"error":["EQuery:Unknown asset pair"]}')],
  ['malformed', says(200, '<html>')],
])('a fault is told as %s', async (fault, answer) => {
  const { ask, lines } = await aBench({ fault: answer })

  expect(await ask([NOON - 5])).toMatchObject([{ type: 'fault', fault }])
  expect(lines.map(({ folder }) => folder.split('/')[0])).toEqual(
    fault === 'malformed' ? ['dead-letters'] : [],
  )
})

test('minutes too old for candles are built from trades, page by page', async () => {
  const { ask, landed, server } = await aBench({ pageSize: 7 })

  const pages = await ask(minutesBefore(1440, 1434), 'trades')

  expect(landed()).toEqual(
    [1440, 1439, 1438, 1437, 1436, 1435].map((minute) => {
      const count = (NOON - minute) % 4
      return `-${minute} final ${count === 0 ? 'silence' : 'sent'} ${count}`
    }),
  )
  expect(pages.every(({ type }) => type === 'landed')).toBe(true)
  expect(server.asked.length).toBeGreaterThan(3)
})

test('quiet minutes at the beginning are proven by the trade before them, however long ago', async () => {
  const { ask, landed } = await aBench({
    tradesIn: (minute) => (minute === NOON - 1500 || minute === NOON - 1430 ? 1 : 0),
  })

  await ask(minutesBefore(1440, 1438), 'trades')

  expect(landed()).toEqual(['-1440 final silence 0', '-1439 final silence 0'])
})

test('silence with no trade before or after it proves nothing', async () => {
  const { ask, landed } = await aBench({ tradesIn: (minute) => (minute === NOON - 1439 ? 2 : 0) })

  const pages = await ask(minutesBefore(1441, 1437), 'trades')

  expect(landed()).toEqual([])
  expect(pages.flatMap((page) => (page.type === 'landed' ? page.final : []))).toEqual([])
})

test('a minute with a trade missing between two pages is not final', async () => {
  const { ask, landed } = await aBench({
    tradesIn: () => 3,
    pageSize: 6,
    fault: (url) => {
      // As a server would that cuts its pages at the wrong place.
      const since = BigInt(url.searchParams.get('since') ?? 0)
      if (url.pathname !== '/0/public/Trades' || Number(since / 1_000_000n) < (NOON - 1440) * MINUTE_MS)
        return false
      url.searchParams.set('since', String(since + 30_000_000_000n))
      return false
    },
  })

  await ask(minutesBefore(1440, 1437), 'trades')

  expect(landed().some((line) => line.includes('open'))).toBe(true)
  expect(
    landed()
      .filter((line) => line.includes('final'))
      .every((line) => line.endsWith(' 3')),
  ).toBe(true)
})

test('each minute comes by candles or by trades, whichever reaches it, candles first', async () => {
  const { askAny, landed } = await aBench()

  const pages = await askAny(minutesBefore(730, 700))

  expect(landed()).toHaveLength(30)
  expect(landed().every((line) => line.includes('final'))).toBe(true)
  expect(pages.flatMap((page) => (page.type === 'landed' ? [page.ask.by] : []))).toEqual([
    'candles',
    'trades',
  ])
})

test('minutes that slip out of the reach of candles while they are asked for come by trades', async () => {
  // The exchange counts the running minute and 719 before it; by the time it answers it is half an hour later.
  let lateMs = 0
  const { askAny, landed } = await aBench({
    now: () => now() + lateMs,
    fault(url, response) {
      if (url.pathname.includes('OHLC')) lateMs = 30 * MINUTE_MS
      response.setHeader('date', new Date(now() + lateMs).toUTCString())
      return false
    },
  })

  await askAny(minutesBefore(709, 689))

  expect(new Set(landed().map((line) => line.split(' ')[0])).size).toBe(20)
  expect(landed().every((line) => line.includes('final'))).toBe(true)
})
