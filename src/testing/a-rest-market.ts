import type { ServerResponse } from 'node:http'
import { type AnswerRest, aRestServer, type RestServer } from './a-rest-server.ts'

/** A market for tests of REST: what happened in a minute is a function of the minute. */
export interface RestMarketOptions {
  /** The exchange's clock, ms. */
  readonly now: () => number
  /** Symbols it knows, each as this exchange's REST is asked for it. */
  readonly symbols: readonly string[]
  /** Trades in a minute (counted from the epoch); default: as many as its number modulo 4. */
  readonly tradesIn?: (minute: number, symbol: string) => number
  /** Answers in its place; false: nothing is wrong. */
  readonly fault?: (url: URL, response: ServerResponse) => boolean
  /** Trades on a page; default 1000. */
  readonly pageSize?: number
  /** Its Date header, ms; undefined: none; default: its clock. */
  readonly date?: (nowMs: number) => number | undefined
}

const MINUTE_MS = 60_000
/** Minutes before its start that it has trades of. */
const HISTORY_MINUTES = 3 * 1440

/** What REST says of a minute: `open high low close volume count`. */
export function truthOf(minute: number, count: number): string {
  const price = (n: number) => (100 + ((minute * 7 + n) % 13)).toFixed(1)
  const prices = Array.from({ length: count }, (_, n) => Number(price(n)))
  return [
    price(0),
    Math.max(...prices).toFixed(1),
    Math.min(...prices).toFixed(1),
    price(count - 1),
    count,
    count,
  ].join(' ')
}

/** A server that speaks Kraken's public REST and Binance's, both about the same market. */
export async function aRestMarket(options: RestMarketOptions): Promise<RestServer> {
  const { now, fault, date = (nowMs) => nowMs } = options
  const firstMinute = Math.floor(now() / MINUTE_MS) - HISTORY_MINUTES
  const routes: Readonly<Record<string, (url: URL) => unknown>> = {
    '/0/public/OHLC': (url) => krakenCandles(url, options),
    '/0/public/Trades': (url) => krakenTrades(url, options, firstMinute),
    '/0/public/Time': () => ({ error: [], result: { unixtime: Math.floor(now() / 1000) } }),
    '/api/v3/klines': (url) => binanceCandles(url, options),
    '/api/v3/time': () => ({ serverTime: Math.floor(now()) }),
  }
  const answer: AnswerRest = (url, response) => {
    const dateMs = date(now())
    if (dateMs !== undefined) response.setHeader('date', new Date(dateMs).toUTCString())
    if (fault?.(url, response)) return
    const body = routes[url.pathname]?.(url)
    const isUnknown = typeof body === 'object' && body !== null && 'code' in body
    response.writeHead(body === undefined ? 404 : isUnknown ? 400 : 200).end(JSON.stringify(body ?? {}))
  }
  return await aRestServer(answer)
}

interface Trade {
  readonly id: number
  readonly atMs: number
  readonly price: string
}

const defaultTrades = (minute: number) => minute % 4

function tradesOf(
  minute: number,
  symbol: string,
  { tradesIn = defaultTrades, now }: RestMarketOptions,
): Trade[] {
  const count = tradesIn(minute, symbol)
  const all = Array.from({ length: count }, (_, n) => ({
    id: n,
    atMs: minute * MINUTE_MS + Math.floor((n * MINUTE_MS) / count),
    price: (100 + ((minute * 7 + n) % 13)).toFixed(1),
  }))
  return all.filter(({ atMs }) => atMs <= now())
}

/** `open high low close volume count` so far; flat after the last close where nothing was traded. */
function candleOf(minute: number, symbol: string, options: RestMarketOptions) {
  const trades = tradesOf(minute, symbol, options)
  for (let before = minute; trades.length === 0 && before > minute - 10_000; before -= 1) {
    const close = tradesOf(before, symbol, options).at(-1)?.price
    if (close !== undefined) return { open: close, high: close, low: close, close, count: 0 }
  }
  if (trades.length === 0) return { open: '100.0', high: '100.0', low: '100.0', close: '100.0', count: 0 }
  const prices = trades.map(({ price }) => Number(price))
  return {
    open: trades[0]?.price ?? '100.0',
    high: Math.max(...prices).toFixed(1),
    low: Math.min(...prices).toFixed(1),
    close: trades.at(-1)?.price ?? '100.0',
    count: trades.length,
  }
}

/** The last 720 minutes after `since`, the running one last. */
function krakenCandles(url: URL, options: RestMarketOptions): unknown {
  const pair = url.searchParams.get('pair') ?? ''
  if (!options.symbols.includes(pair)) return { error: ['EQuery:Unknown asset pair'] }
  const running = Math.floor(options.now() / MINUTE_MS)
  const since = Number(url.searchParams.get('since')) / 60
  const first = Math.max(running - 719, Math.floor(since) + 1)
  const rows = Array.from({ length: Math.max(0, running - first + 1) }, (_, i) => {
    const { open, high, low, close, count } = candleOf(first + i, pair, options)
    return [(first + i) * 60, open, high, low, close, count === 0 ? '0.0' : close, `${count}.00000000`, count]
  })
  return { error: [], result: { [pair]: rows, last: (running - 1) * 60 } }
}

/** A page of trades from `since` on, ns, inclusive; ids count all trades from `firstMinute` on. */
function krakenTrades(url: URL, options: RestMarketOptions, firstMinute: number): unknown {
  const pair = url.searchParams.get('pair') ?? ''
  if (!options.symbols.includes(pair)) return { error: ['EQuery:Unknown asset pair'] }
  const { pageSize = 1000, now } = options
  const sinceNs = BigInt(url.searchParams.get('since') ?? '0')
  const running = Math.floor(now() / MINUTE_MS)
  const rows: unknown[][] = []
  let last = sinceNs
  let id = 0
  for (let minute = firstMinute; minute <= running && rows.length < pageSize; minute += 1) {
    for (const trade of tradesOf(minute, pair, options)) {
      id += 1
      const atNs = BigInt(trade.atMs) * 1_000_000n
      if (atNs < sinceNs || rows.length === pageSize) continue
      rows.push([trade.price, '1.00000000', trade.atMs / 1000, 'b', 'l', '', id])
      last = atNs
    }
  }
  return { error: [], result: { [pair]: rows, last: String(last) } }
}

function binanceCandles(url: URL, options: RestMarketOptions): unknown {
  const { searchParams } = url
  const symbol = searchParams.get('symbol') ?? ''
  if (!options.symbols.includes(symbol)) return { code: -1121, msg: 'Invalid symbol.' }
  const running = Math.floor(options.now() / MINUTE_MS)
  const first = Math.ceil(Number(searchParams.get('startTime')) / MINUTE_MS)
  const last = Math.min(running, Math.floor(Number(searchParams.get('endTime')) / MINUTE_MS))
  const count = Math.min(Number(searchParams.get('limit') ?? 500), last - first + 1)
  return Array.from({ length: Math.max(0, count) }, (_, i) => {
    const startMs = (first + i) * MINUTE_MS
    const { open, high, low, close, count: trades } = candleOf(first + i, symbol, options)
    const volume = `${trades}.0`
    return [startMs, open, high, low, close, volume, startMs + MINUTE_MS - 1, volume, trades, '0', '0', '0']
  })
}
