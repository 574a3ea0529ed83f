import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { scaledClock } from '../../base/index.ts'
import type { Broker, BrokerReport } from '../broker/broker.ts'
import type { Feed, FeedContext, FeedPlan } from '../feed/feed.ts'
import type { LandingLine } from '../record/index.ts'
import { openTickFeed } from './open-tick-feed.ts'

/** Silences and backoffs pass quickly; CCXT's own timers, in real time, do not get in the way. */
const startMs = Date.now()
const clock = scaledClock(() => ({ factor: 50, realMs: startMs, atMs: startMs }))

interface Exchange {
  readonly url: string
  readonly sockets: Set<WebSocket>
  readonly subscribed: string[]
  say(frame: unknown): void
  close(): Promise<void>
}

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** Kraken as far as CCXT's tickers need it: two markets, one of them without trading. */
async function aKraken(): Promise<Exchange> {
  const pair = (altname: string, base: string, quote: string, wsname: string, status = 'online') => ({
    altname,
    wsname,
    base,
    quote,
    status,
    pair_decimals: 1,
    lot_decimals: 8,
    cost_decimals: 5,
    lot_multiplier: 1,
    fees: [[0, 0.4]],
    fees_maker: [[0, 0.25]],
    leverage_buy: [],
    leverage_sell: [],
    ordermin: '0.0001',
    costmin: '0.5',
    tick_size: '0.1',
  })
  const answers: Readonly<Record<string, unknown>> = {
    '/0/public/Assets': {
      XXBT: { aclass: 'currency', altname: 'XBT', decimals: 10, display_decimals: 5, status: 'enabled' },
      XETH: { aclass: 'currency', altname: 'ETH', decimals: 10, display_decimals: 5, status: 'enabled' },
      ZUSD: { aclass: 'currency', altname: 'USD', decimals: 4, display_decimals: 2, status: 'enabled' },
    },
    '/0/public/AssetPairs': {
      XXBTZUSD: pair('XBTUSD', 'XXBT', 'ZUSD', 'XBT/USD'),
      XETHZUSD: pair('ETHUSD', 'XETH', 'ZUSD', 'ETH/USD'),
    },
  }
  const server = createServer((request, response) => {
    const result = answers[new URL(request.url ?? '/', 'http://kraken').pathname]
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(result ? { error: [], result } : { error: ['EGeneral:Unknown method'] }))
  })
  const sockets = new Set<WebSocket>()
  const subscribed: string[] = []
  const wss = new WebSocketServer({ server, perMessageDeflate: false })
  wss.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('message', (data) => {
      const { method, params, req_id } = JSON.parse(String(data))
      if (method !== 'subscribe') return
      for (const symbol of params.symbol) {
        subscribed.push(symbol)
        const result = { channel: 'ticker', snapshot: true, symbol }
        socket.send(JSON.stringify({ method, result, success: true, req_id }))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async () => {
    for (const socket of sockets) socket.terminate()
    wss.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  closers.push(close)
  return {
    url: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    subscribed,
    say(frame) {
      for (const socket of sockets) socket.send(JSON.stringify(frame))
    },
    close,
  }
}

const ticker = (symbol: string, last: number) => ({
  channel: 'ticker',
  type: 'update',
  data: [
    { symbol, bid: last - 0.1, ask: last + 0.1, last, volume: 2158.32346723, vwap: last, low: 1, high: 9e5 },
  ],
})

async function aFeed(
  { url }: Pick<Exchange, 'url'>,
  ticks: Partial<FeedPlan['settings']['ticks']> = {},
  leave: Broker['grant'] = async () => {},
) {
  const lines: LandingLine[] = []
  const asked: string[] = []
  const reports: BrokerReport[] = []
  let feeds = 0
  const context: FeedContext = {
    clock,
    broker: {
      async grant(ask, signal) {
        asked.push(`${ask.kind} ${ask.address}`)
        await leave(ask, signal)
      },
      report: (report) => void reports.push(report),
    },
    nextFeedId: (exchange) => `c-b-1-${exchange}-${++feeds}`,
    land: (more) => void lines.push(...more),
    hasRoom: () => true,
    hadTrades: async () => undefined,
    log: () => {},
  }
  const settings = {
    exchange: 'kraken',
    wsUrl: `ws://${url}`,
    restUrl: `http://${url}`,
    hasCandles: false,
    ticks: {
      ccxtId: 'kraken',
      symbols: undefined,
      isSpotOnly: false,
      maxSymbols: undefined,
      maxStreams: undefined,
      keepsRaw: true,
      ...ticks,
    },
  }
  const plan = {
    exchange: 'kraken',
    kind: 'ticks',
    instruments: [],
    tickSymbols: undefined,
    settings,
  } as const
  const feed = await openTickFeed(context, plan)
  closers.unshift(() => feed.stop('test'))
  return { feed, lines, asked, reports }
}

const isTick = ({ folder }: LandingLine) => folder.includes('channel=ticks/')
const records = (lines: readonly LandingLine[]) => lines.map(({ text }) => JSON.parse(text))

async function until(isTrue: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 1000 && !isTrue(); i++) await new Promise((resolve) => setTimeout(resolve, 10))
  if (!isTrue()) throw new Error(`not within 10 s: ${what}`)
}

const live = (feed: Feed, exchange: Exchange) =>
  until(() => feed.status().state !== 'connecting' && exchange.subscribed.length >= 1, 'subscribed')

test('1,000 frames in one burst are 1,000 rows, each with its own time of reception', async () => {
  const exchange = await aKraken()
  const { feed, lines, asked } = await aFeed(exchange)
  await live(feed, exchange)

  for (let i = 0; i < 1000; i++) exchange.say(ticker(i % 2 === 0 ? 'BTC/USD' : 'ETH/USD', 60_000 + i / 10))
  await until(() => lines.filter(isTick).length >= 1000, '1,000 ticks')

  const ticks = records(lines.filter(isTick))
  expect(ticks).toHaveLength(1000)
  expect(new Set(ticks.map((tick) => tick.received_at)).size).toBe(1000)
  expect(new Set(ticks.map((tick) => `${tick.feed_id} ${tick.sequence} ${tick.row}`)).size).toBe(1000)
  expect(ticks.map((tick) => tick.fields.last)).toEqual(
    Array.from({ length: 1000 }, (_, i) => String(60_000 + i / 10)),
  )
  const times = ticks.map((tick) => tick.received_at.replace('Z', '').padEnd(26, '0'))
  expect(times).toEqual([...times].sort())
  expect(ticks[0]).toMatchObject({
    v: 1,
    channel: 'ticks',
    fields: {
      native_symbol: 'XXBTZUSD',
      symbol: 'BTC-USD',
      quote_asset: 'USD',
      price: '60000',
      sampled: false,
    },
  })
  expect(JSON.parse(ticks[0].raw)).toMatchObject({ symbol: 'BTC/USD', last: 60000 })
  expect(feed.status()).toMatchObject({ state: 'live', symbolsLive: 2, records: 1000 })
  expect(asked).toContain(`connect ws://${exchange.url}`)
  expect(asked).toContain(`rest http://${exchange.url}`)
})

test('a connection that breaks is another feed with its own count, and both ends are events', async () => {
  const exchange = await aKraken()
  const { feed, lines } = await aFeed(exchange)
  await live(feed, exchange)
  exchange.say(ticker('BTC/USD', 1.5))
  await until(() => lines.some(isTick), 'a tick')

  for (const socket of exchange.sockets) socket.terminate()
  await until(() => exchange.subscribed.length >= 4, 'subscribed again')
  exchange.say(ticker('BTC/USD', 2.5))
  await until(() => lines.filter(isTick).length === 2, 'a tick after the break')

  const [before, after] = records(lines.filter(isTick))
  expect(after.feed_id).not.toBe(before.feed_id)
  const events = records(lines.filter(({ folder }) => folder.includes('channel=connection_events/')))
  expect(events.map(({ fields }) => fields.event)).toEqual(
    expect.arrayContaining(['symbols_chosen', 'connecting', 'subscribed', 'disconnected']),
  )
  expect(events.find(({ fields }) => fields.event === 'disconnected').fields.cause).toBe('network_error')
  expect(feed.status().reconnectsByCause).toEqual({ network_error: 1 })
})

test('a socket that is open and silent is hung up after two minutes', async () => {
  const exchange = await aKraken()
  const { feed, lines } = await aFeed(exchange)
  await live(feed, exchange)

  await until(() => (feed.status().reconnectsByCause.silent ?? 0) > 0, 'hung up')

  const events = records(lines.filter(({ folder }) => folder.includes('channel=connection_events/')))
  expect(events.some(({ fields }) => fields.event === 'disconnected' && fields.cause === 'silent')).toBe(true)
}, 30_000)

test('only symbols that the pattern means are landed, and one that is not listed is told by name', async () => {
  const exchange = await aKraken()
  const { feed, lines } = await aFeed(exchange, { symbols: 'eth%,DOGE/USD' })
  await live(feed, exchange)

  exchange.say(ticker('BTC/USD', 1.5))
  exchange.say(ticker('ETH/USD', 2.5))
  await until(() => lines.some(isTick), 'a tick')

  expect(exchange.subscribed).toEqual(['ETH/USD'])
  expect(records(lines.filter(isTick)).map(({ fields }) => fields.symbol)).toEqual(['ETH-USD'])
  const events = records(lines.filter(({ folder }) => folder.includes('channel=connection_events/')))
  expect(events.find(({ fields }) => fields.event === 'symbol_unknown').fields.details).toEqual({
    symbol: 'DOGE/USD',
  })
})

test('a feed stops while it waits to connect again', async () => {
  const { feed } = await aFeed({ url: '127.0.0.1:1' })
  await until(() => feed.status().state === 'waiting', 'waiting')

  await feed.stop('test')

  expect(feed.status().state).toBe('stopped')
})

test('a feed stops while it waits for leave to ask, or for an answer', async () => {
  const { feed, asked } = await aFeed({ url: '127.0.0.1:1' }, {}, () => new Promise(() => {}))
  await until(() => asked.length > 0, 'asked for leave')

  const startedMs = performance.now()
  await feed.stop('test')

  expect(performance.now() - startedMs).toBeLessThan(1_000)
  expect(feed.status().state).toBe('stopped')
})

test('a feed stops though the exchange does not answer its goodbye', async () => {
  const exchange = await aKraken()
  const { feed } = await aFeed(exchange)
  await live(feed, exchange)
  for (const socket of exchange.sockets) socket.pause()

  const startedMs = performance.now()
  await feed.stop('test')

  expect(performance.now() - startedMs).toBeLessThan(2_000)
}, 60_000)

test('a connection that was given up while it waited for leave is not opened when leave comes', async () => {
  const exchange = await aKraken()
  const waiting: (() => void)[] = []
  const { feed, lines, asked } = await aFeed(exchange, {}, async ({ kind }, signal) => {
    if (kind === 'rest') return
    await new Promise<void>((resolve, reject) => {
      waiting.push(resolve)
      signal?.addEventListener('abort', () => reject(signal.reason))
    })
  })
  const connects = () => asked.filter((ask) => ask.startsWith('connect')).length
  await until(() => connects() >= 3, 'given up twice')

  for (const grant of waiting.splice(0)) grant()
  await live(feed, exchange)
  await until(() => exchange.subscribed.length >= 2, 'subscribed')
  await new Promise((resolve) => setTimeout(resolve, 200))
  exchange.say(ticker('BTC/USD', 1.5))
  await until(() => lines.some(isTick), 'a tick')
  await new Promise((resolve) => setTimeout(resolve, 100))

  expect(exchange.sockets.size).toBe(1)
  expect(lines.filter(isTick)).toHaveLength(1)
}, 30_000)

test('an exchange that asks for patience through CCXT gets as much as it asks for', async () => {
  const server = createServer((_, response) => {
    response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '120' })
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(async () => void server.close())
  const { reports } = await aFeed({ url: `127.0.0.1:${(server.address() as AddressInfo).port}` })

  await until(() => reports.length > 0, 'told')

  expect(reports[0]).toMatchObject({ kind: 'rest', status: 429, retryAfterMs: 120_000 })
})

test('a connection that CCXT puts off is not opened once the feed is paused', async () => {
  const exchange = await aKraken()
  const { feed } = await aFeed(exchange)
  await live(feed, exchange)
  const isPutOff = () => feed.status().state === 'subscribing' && exchange.sockets.size === 0
  // From its second try in a row on CCXT waits a second or more.
  for (let breaks = 0; breaks < 2; breaks++) {
    const before = exchange.subscribed.length
    await until(() => exchange.sockets.size > 0, 'connected')
    for (const socket of exchange.sockets) socket.terminate()
    if (breaks === 0) await until(() => exchange.subscribed.length > before, 'subscribed again')
  }
  await until(isPutOff, 'put off')

  feed.pause('disk')
  await new Promise((resolve) => setTimeout(resolve, 4_000))

  expect(feed.status().state).toBe('paused')
  expect(exchange.sockets.size).toBe(0)
}, 30_000)
