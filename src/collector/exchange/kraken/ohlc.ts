import type { CandleRow, CandleTexts } from '../../record/index.ts'
import type { ParsedFrame } from '../mapper.ts'
import { candleOf, isTooEarly, MINUTE_MS } from '../wire/candle.ts'
import { malformed } from '../wire/frame.ts'
import { isRecord, type JsonRecord, wholeOf } from '../wire/json.ts'
import { elementSlices, memberSlices, type Slice } from '../wire/json-slices.ts'
import { cutToMicros, utcMs } from '../wire/time.ts'

/** Minutes of candles that are not collected. */
const INTERVALS = new Set([5, 15, 30, 60, 240, 1440, 10080, 21600])

/** Whether `value` is a pair as v2 names it: `BTC/USD`, `AAPLx/USD`. */
export function isPair(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.-]{1,30}\/[\w.-]{1,30}$/.test(value)
}

/**
 * A frame of channel `ohlc`. Prices are JSON numbers, finer than a double: their texts are taken from the frame.
 * One bad row makes the whole frame malformed.
 */
export function parseOhlc(frame: string, { type, timestamp, data }: JsonRecord): ParsedFrame {
  if (!Array.isArray(data)) return malformed('data is not a list')
  const nativeSymbol = onlySymbolOf(data)
  if (type !== 'snapshot' && type !== 'update')
    return malformed('neither a snapshot nor an update', nativeSymbol)
  const sentMs = timestamp === undefined ? undefined : utcMs(timestamp)
  if (Number.isNaN(sentMs)) return malformed('timestamp is not a time', nativeSymbol)
  const eventAt = typeof timestamp === 'string' ? cutToMicros(timestamp) : undefined
  const list = memberSlices(frame, 0).get('data')
  const slices = list === undefined ? [] : elementSlices(frame, list.start)
  const rows: CandleRow[] = []
  for (const [i, entry] of (data as readonly unknown[]).entries()) {
    const slice = slices[i]
    if (!isRecord(entry) || slice === undefined) return malformed('a row is not an object', nativeSymbol)
    if (isOtherInterval(entry)) continue
    const row = rowOf({ frame, slice, entry, sentMs, eventAt })
    if (typeof row === 'string') return malformed(row, nativeSymbol)
    rows.push(row)
  }
  if (rows.length === 0) return { kind: 'ignored' }
  return type === 'snapshot' ? { kind: 'candles', rows, isSnapshot: true } : { kind: 'candles', rows }
}

/** The symbol of all rows, if they agree: a frame that is broken elsewhere may be broken here too. */
function onlySymbolOf(data: readonly unknown[]): string | undefined {
  const [first, ...others] = data.map((entry) => (isRecord(entry) ? entry.symbol : undefined))
  return isPair(first) && others.every((symbol) => symbol === first) ? first : undefined
}

/** A whole candle of more minutes than one, and not one of a minute with a digit gone wrong. */
function isOtherInterval({ interval, interval_begin: begin, timestamp: end }: JsonRecord): boolean {
  if (typeof interval !== 'number' || !INTERVALS.has(interval)) return false
  return end === undefined || utcMs(end) - utcMs(begin) === interval * MINUTE_MS
}

interface Row {
  readonly frame: string
  readonly slice: Slice
  readonly entry: JsonRecord
  /** When the frame was sent, by Kraken's clock. */
  readonly sentMs: number | undefined
  readonly eventAt: string | undefined
}

function rowOf({ frame, slice, entry, sentMs, eventAt }: Row): CandleRow | string {
  const { symbol, interval, interval_begin: begin, timestamp: end } = entry
  if (!isPair(symbol)) return 'the symbol is not one'
  if (interval !== 1) return 'the interval is not one'
  const startMs = utcMs(begin)
  if (Number.isNaN(startMs)) return 'interval_begin is not a time'
  if (end !== undefined && utcMs(end) !== startMs + MINUTE_MS)
    return 'timestamp is not the end of the interval'
  if (sentMs !== undefined && isTooEarly(sentMs, startMs)) return 'the interval is yet to come'
  const prices = textsOf(frame, slice, entry)
  if (typeof prices === 'string') return prices
  const raw = frame.slice(slice.start, slice.end)
  return candleOf({ nativeSymbol: symbol, startMs, isFinal: false, prices, eventAt, raw })
}

const NUMBERS = ['open', 'high', 'low', 'close', 'volume', 'vwap', 'trades'] as const

/** The numbers of a row as they stand in the frame. */
function textsOf(frame: string, { start }: Slice, entry: JsonRecord): CandleTexts | string {
  const wrong = NUMBERS.find((name) => typeof entry[name] !== 'number')
  if (wrong !== undefined) return `${wrong} is not a number`
  if (wholeOf(entry.trades) === undefined) return 'trades is not a count'
  const members = memberSlices(frame, start)
  const text = (name: (typeof NUMBERS)[number]) => {
    const slice = members.get(name)
    return slice === undefined ? '' : frame.slice(slice.start, slice.end)
  }
  return {
    open: text('open'),
    high: text('high'),
    low: text('low'),
    close: text('close'),
    volume: text('volume'),
    quoteVolume: undefined,
    vwap: text('vwap'),
    tradeCount: String(entry.trades),
  }
}
