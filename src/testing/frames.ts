/** Frames as exchanges send them, of any minute: what a test does not say is a plausible candle. */

/** What a candle frame says. */
export interface FrameCandle {
  readonly symbol?: string
  /** Minute since 2026-10-06T18:00Z. */
  readonly minute?: number
  readonly open?: string
  readonly high?: string
  readonly low?: string
  readonly close?: string
  readonly volume?: string
  readonly trades?: number
  /** Members to write in place of these, by their name on the wire; undefined: left out. */
  readonly wire?: Readonly<Record<string, unknown>>
}

/** 2026-10-06T18:00Z, minute 0 of frames. */
export const FRAMES_START_MS = Date.UTC(2026, 9, 6, 18)
const MINUTE_MS = 60_000

/** A frame of Kraken's channel `ohlc`. Numbers stand in it as the test writes them. */
export function aKrakenFrame(
  candles: readonly FrameCandle[] = [{}],
  { type = 'update', sentMs }: { readonly type?: string; readonly sentMs?: number } = {},
): string {
  const newest = Math.max(...candles.map(({ minute = 0 }) => minute))
  const sent = new Date(sentMs ?? FRAMES_START_MS + newest * MINUTE_MS + 2264).toISOString()
  const rows = candles.map(krakenRow).join(',')
  return `{"channel":"ohlc","type":"${type}","timestamp":"${sent.replace('Z', '627814Z')}","data":[${rows}]}`
}

function krakenRow({
  symbol = 'BTC/USD',
  minute = 0,
  trades = 5,
  wire = {},
  ...numbers
}: FrameCandle): string {
  const startMs = FRAMES_START_MS + minute * MINUTE_MS
  const {
    open = '85754.8',
    high = '85754.8',
    low = '85754.7',
    close = '85754.7',
    volume = `${trades}.5`,
  } = numbers
  const members: Record<string, unknown> = {
    symbol: JSON.stringify(symbol),
    open,
    high,
    low,
    close,
    trades,
    volume,
    vwap: close,
    interval_begin: `"${new Date(startMs).toISOString().replace('Z', '000000Z')}"`,
    interval: 1,
    timestamp: `"${new Date(startMs + MINUTE_MS).toISOString().replace('Z', '000Z')}"`,
    ...wire,
  }
  const written = Object.entries(members).filter(([, value]) => value !== undefined)
  return `{${written.map(([name, value]) => `"${name}":${value}`).join(',')}}`
}

/** A kline of Binance, wrapped as on `/stream`. `wire` replaces members of `k`. */
export function aBinanceFrame(
  candle: FrameCandle & { readonly isFinal?: boolean; readonly eventMs?: number } = {},
): string {
  const { symbol = 'BTCUSDT', eventMs } = candle
  const kline = klineOf(candle)
  const data = { e: 'kline', E: eventMs ?? Number(kline.T) + 1756, s: symbol, k: kline }
  return JSON.stringify({ stream: `${symbol.toLowerCase()}@kline_1m`, data })
}

function klineOf({
  symbol = 'BTCUSDT',
  minute = 0,
  trades = 14,
  isFinal = true,
  wire = {},
  ...numbers
}: FrameCandle & { readonly isFinal?: boolean }): Record<string, unknown> {
  const start = FRAMES_START_MS + minute * MINUTE_MS
  const { open = '13.72120000', high = '13.80760000', low = '13.72120000', close = '13.76640000' } = numbers
  const ids = trades === 0 ? { f: -1, L: -1 } : { f: 439_572, L: 439_571 + trades }
  return {
    t: start,
    T: start + MINUTE_MS - 1,
    s: symbol,
    i: '1m',
    ...ids,
    o: open,
    c: close,
    h: high,
    l: low,
    v: numbers.volume ?? (trades === 0 ? '0.00000000' : '536.51000000'),
    n: trades,
    x: isFinal,
    q: '7387.12073500',
    V: '231.60000000',
    Q: '3187.75743000',
    B: '0',
    ...wire,
  }
}
