import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { scaledClock } from '../base/index.ts'
import type { Broker, BrokerReport } from '../collector/broker/broker.ts'
import { openTickFeed } from '../collector/ccxt/open-tick-feed.ts'
import type { Feed, FeedContext, FeedPlan } from '../collector/feed/feed.ts'
import type { LandingLine } from '../collector/record/index.ts'

/** Silences and backoffs pass quickly; CCXT's own timers, in real time, do not get in the way. */
const startMs = Date.now()
const clock = scaledClock(() => ({ factor: 50, realMs: startMs, atMs: startMs }))

/** An exchange that CCXT reaches, on this machine. */
export interface TickExchange {
  readonly url: string
  readonly sockets: Set<WebSocket>
  /** Symbols, in the order in which they were asked for. */
  readonly subscribed: string[]
  /** To all. */
  say(frame: unknown): void
}

/** Kraken as far as CCXT's tickers need it: two markets, one of them without trading. */
export async function aTickExchange(): Promise<TickExchange> {
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
  onTestFinished(close)
  return {
    url: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    subscribed,
    say(frame) {
      for (const socket of sockets) socket.send(JSON.stringify(frame))
    },
  }
}

/** A frame with a ticker. */
export const aTicker = (symbol: string, last: number) => ({
  channel: 'ticker',
  type: 'update',
  data: [
    { symbol, bid: last - 0.1, ask: last + 0.1, last, volume: 2158.32346723, vwap: last, low: 1, high: 9e5 },
  ],
})

/** A running feed of tickers for the running test; `leave`: what its broker does. */
export async function aTickFeed(
  { url }: Pick<TickExchange, 'url'>,
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
  onTestFinished(() => feed.stop('test'))
  return { feed, lines, asked, reports }
}

/** Whether a line is a tick's. */
export const isTick = ({ folder }: LandingLine) => folder.includes('channel=ticks/')
/** Lines, read. */
export const records = (lines: readonly LandingLine[]) => lines.map(({ text }) => JSON.parse(text))

/** Waits until something is so, at most 10 s. */
export async function until(isTrue: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 1000 && !isTrue(); i++) await new Promise((resolve) => setTimeout(resolve, 10))
  if (!isTrue()) throw new Error(`not within 10 s: ${what}`)
}

/** Waits until something is subscribed. */
export const live = (feed: Feed, exchange: TickExchange) =>
  until(() => feed.status().state !== 'connecting' && exchange.subscribed.length >= 1, 'subscribed')
