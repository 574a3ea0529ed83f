import type { ParsedFrame } from '../mapper.ts'
import { candleOf, isPlausibleTime, isSymbol, isTooEarly, MINUTE_MS } from '../wire/candle.ts'
import { malformed } from '../wire/frame.ts'
import { isRecord, type JsonRecord, parseJson, shown, textOf, wholeOf } from '../wire/json.ts'
import { timeText } from '../wire/time.ts'

/** Events of streams that are not collected. bookTicker and partial depth have no `e` at all. */
const OTHER_EVENTS = new Set([
  ...['trade', 'aggTrade', '24hrTicker', '24hrMiniTicker', '1hTicker', '4hTicker', '1dTicker'],
  ...['depthUpdate', 'avgPrice', 'bookTicker', 'continuous_kline', 'markPriceUpdate', 'forceOrder'],
  ...['indexPriceUpdate', 'compositeIndex', 'contractInfo', 'assetIndexUpdate'],
])

/**
 * A frame of Binance's spot streams: bare (`/ws`) or wrapped in `{"stream", "data"}` (`/stream`).
 *
 * @see https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
 */
export function parseFrame(frame: string): ParsedFrame {
  const message = parseJson(frame)
  if (Array.isArray(message)) return parseEvents(message)
  if (!isRecord(message)) return malformed('not a JSON object')
  if (!('stream' in message)) return parsePayload(message, undefined, frame)
  const { stream, data } = message
  if (stream === '!serverShutdown') return { kind: 'shutdown' }
  if (typeof stream !== 'string') return malformed('stream is not a name')
  if (Array.isArray(data)) return parseEvents(data)
  return isRecord(data) ? parsePayload(data, stream, frame) : malformed('data is not an object')
}

/** All-market streams send lists. */
function parseEvents(events: readonly unknown[]): ParsedFrame {
  const areOthers = events.every((event) => isRecord(event) && OTHER_EVENTS.has(shown(event.e)))
  return areOthers ? { kind: 'ignored' } : malformed('a list of unknown events')
}

function parsePayload(payload: JsonRecord, stream: string | undefined, frame: string): ParsedFrame {
  const { e: event } = payload
  if (event === 'kline') return parseKline(payload, stream, frame)
  if (event === 'serverShutdown') return { kind: 'shutdown' }
  if (typeof event === 'string' && OTHER_EVENTS.has(event)) return { kind: 'ignored' }
  if (event !== undefined) return malformed('an unknown event')
  if ('result' in payload)
    return { kind: 'acknowledged', requestId: wholeOf(payload.id), nativeSymbol: undefined }
  const refused = isRecord(payload.error) ? payload.error : payload
  if ('code' in refused && 'msg' in refused) {
    const reason = `${shown(refused.msg)} (${shown(refused.code)})`
    return { kind: 'rejected', requestId: wholeOf(payload.id), nativeSymbol: undefined, reason }
  }
  const isBookTicker = ['u', 's', 'b', 'B', 'a', 'A'].every((key) => key in payload)
  const isDepth = ['lastUpdateId', 'bids', 'asks'].every((key) => key in payload)
  return isBookTicker || isDepth ? { kind: 'ignored' } : malformed('an unknown frame')
}

function parseKline(payload: JsonRecord, stream: string | undefined, frame: string): ParsedFrame {
  const { k: kline, s: symbol, E: eventMs } = payload
  if (!isRecord(kline)) return malformed('k is not an object')
  const nativeSymbol = isSymbol(symbol) && kline.s === symbol ? symbol : undefined
  if (nativeSymbol === undefined) return malformed('the symbols differ, or are none')
  if (stream !== undefined && !isStreamOf(stream, nativeSymbol))
    return malformed('the stream is not of its symbol')
  if (kline.i !== '1m') return otherInterval(kline.i, nativeSymbol)
  const fault = klineFault(kline, eventMs)
  if (fault !== undefined) return malformed(fault, nativeSymbol)
  const candle = candleOf({
    nativeSymbol,
    startMs: Number(kline.t),
    isFinal: kline.x === true,
    prices: pricesOf(kline),
    eventAt: timeText(eventMs),
    raw: frame,
  })
  return typeof candle === 'string' ? malformed(candle, nativeSymbol) : { kind: 'candles', rows: [candle] }
}

/** Stream names are lower case, symbols upper: `btcusdt@kline_1m` is of BTCUSDT. */
function isStreamOf(stream: string, symbol: string): boolean {
  return stream.slice(0, stream.indexOf('@')).toUpperCase() === symbol.toUpperCase()
}

function otherInterval(interval: unknown, nativeSymbol: string): ParsedFrame {
  const isKnown = typeof interval === 'string' && /^\d{1,2}[smhdwM]$/.test(interval)
  return isKnown ? { kind: 'ignored' } : malformed('the interval is not one', nativeSymbol)
}

function pricesOf(kline: JsonRecord) {
  return {
    open: textOf(kline.o) ?? '',
    high: textOf(kline.h) ?? '',
    low: textOf(kline.l) ?? '',
    close: textOf(kline.c) ?? '',
    volume: textOf(kline.v) ?? '',
    quoteVolume: textOf(kline.q) ?? '',
    vwap: undefined,
    tradeCount: String(kline.n),
  }
}

/** Why a kline contradicts itself: what the protocol says of its numbers held in every recorded frame. */
function klineFault(kline: JsonRecord, eventMs: unknown): string | undefined {
  const { t: start, T: end, x: isClosed, n: count } = kline
  const trades = wholeOf(count)
  if (typeof start !== 'number' || end !== start + MINUTE_MS - 1) return 'T is not the end of its minute'
  if (typeof isClosed !== 'boolean') return 'x is neither true nor false'
  if (trades === undefined || trades !== tradesBetween(kline.f, kline.L)) return 'n is not L - f + 1'
  if (!isPlausibleTime(eventMs) || isTooEarly(eventMs, start)) return 'E is not a time of the candle'
  return isClosed && isTooEarly(eventMs, end) ? 'closed before its end' : undefined
}

/** Trades between two ids, both included; -1 and -1 where there was none. */
function tradesBetween(first: unknown, last: unknown): number {
  if (first === -1 && last === -1) return 0
  const [from, to] = [wholeOf(first), wholeOf(last)]
  return from === undefined || to === undefined ? Number.NaN : to - from + 1
}
