/**
 * One candle as a line gave it, in the exchange's own units: the scratch that every parser fills again and
 * again, because an object per row would cost half of the load rate.
 *
 * Unknown numbers are NaN, unknown texts and times undefined.
 */
export interface Candle {
  startMs: number
  intervalMs: number
  open: number
  high: number
  low: number
  close: number
  volume: number
  quoteVolume: number
  vwap: number
  tradeCount: number
  isFinal: boolean
  proof: Proof | undefined
  source: CandleSource
  /** These five are of landing lines alone; files of one instrument leave them undefined. */
  exchange: string | undefined
  nativeSymbol: string | undefined
  symbol: string | undefined
  quoteAsset: string | undefined
  feedId: string | undefined
  /** NaN: none. */
  sequence: number
  row: number
  /** µs since the epoch; NaN: unknown. */
  eventAtUs: number
  receivedAtUs: number
}

/** What makes a candle certain: a row the exchange sent, or its silence in an unbroken delivery. */
export type Proof = 'sent' | 'silence'

/** The way a candle came. */
type CandleSource = 'ws' | 'rest' | 'archive'

/**
 * Reads the line `bytes[from, to)` (without its line end) into `row`, a scratch that is filled again and again.
 *
 * @returns why the line is bad, or undefined
 */
export type ParseLine<Row = Candle> = (
  bytes: Uint8Array,
  from: number,
  to: number,
  row: Row,
) => string | undefined

/** An empty candle of an archive: final, sent, nothing known. */
export function newCandle(): Candle {
  return {
    startMs: 0,
    intervalMs: 60_000,
    open: Number.NaN,
    high: Number.NaN,
    low: Number.NaN,
    close: Number.NaN,
    volume: Number.NaN,
    quoteVolume: Number.NaN,
    vwap: Number.NaN,
    tradeCount: Number.NaN,
    isFinal: true,
    proof: 'sent',
    source: 'archive',
    exchange: undefined,
    nativeSymbol: undefined,
    symbol: undefined,
    quoteAsset: undefined,
    feedId: undefined,
    sequence: Number.NaN,
    row: Number.NaN,
    eventAtUs: Number.NaN,
    receivedAtUs: Number.NaN,
  }
}

/** 2009-01-03, the first Bitcoin block: no market data is older. */
export const FIRST_MS = 1_230_940_800_000

/** Why the numbers of `candle` cannot be a candle, or undefined. */
export function faultOf(candle: Candle): string | undefined {
  const { startMs, open, high, low, close, volume } = candle
  if (!(open >= 0 && high >= 0 && low >= 0 && close >= 0)) return badNumber(candle)
  if (!(volume >= 0)) return 'volume is not a number of 0 or more'
  if (candle.quoteVolume < 0 || candle.vwap < 0 || candle.tradeCount < 0) return 'a sum or count is negative'
  if (!(startMs >= FIRST_MS)) return 'the time is not one of a candle'
  if (startMs % candle.intervalMs !== 0)
    return `the time is not at the start of an interval of ${candle.intervalMs / 1000} s`
  return undefined
}

function badNumber(candle: Candle): string {
  const name = (['open', 'high', 'low', 'close'] as const).find((key) => !(candle[key] >= 0))
  return `${name} is not a number of 0 or more`
}
