import { mixed, randomFrom, seedOf } from '../random.ts'
import type { Listing } from './listing.ts'
import type { Trades } from './minute.ts'
import { sharesOf, type TradeSource, timesOf } from './seeded-trades.ts'

/** A minute of history. Unknown numbers are NaN. */
export interface HistoricCandle {
  readonly startMs: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  readonly quoteVolume: number
  readonly tradeCount: number
}

const MINUTE_MS = 60_000
const HOUR_MINUTES = 60
/** Trades of a minute whose count nobody knows. */
const GUESSED_TRADES = 8

/**
 * Trades that add up to candles. They come again and again without end: a minute of now is a minute of history,
 * shifted by whole rounds of the history's hours, so it keeps its place in its hour.
 */
export function candleTrades(
  listing: Listing,
  seed: number,
  candles: readonly HistoricCandle[],
): TradeSource {
  const own = seedOf(seed, `${listing.exchange} ${listing.nativeSymbol}`)
  const round = roundOf(candles)
  const counts = round.candles.map((candle) => (candle ? tradesOf(candle, listing) : 0))
  const before = [0]
  for (const count of counts) before.push((before.at(-1) ?? 0) + count)
  const total = before.at(-1) ?? 0
  const steps = (price: number) => Math.max(1, Math.round(price * 10 ** listing.priceDigits))
  const placeOf = (minute: number) => minute % counts.length
  return {
    firstPrice: steps(listing.startPrice),
    count: (minute) => counts[placeOf(minute)] ?? 0,
    trades(minute) {
      const place = placeOf(minute)
      const candle = round.candles[place]
      const count = counts[place] ?? 0
      const firstId = 1 + Math.floor(minute / counts.length) * total + (before[place] ?? 0)
      const random = randomFrom(mixed(own, minute))
      const prices = candle ? pathOf(candle, count, steps, random.next) : new Float64Array(0)
      const offsetsUs = timesOf(count, random.next)
      const volume = Math.round((candle?.volume ?? 0) * 10 ** listing.sizeDigits)
      const sizes = sharesOf(volume, count, random.next)
      const sells = Uint8Array.from({ length: count }, () => (random.next() < 0.5 ? 1 : 0))
      const value = valueOfQuote(candle?.quoteVolume ?? Number.NaN, listing)
      const trades: Trades = { firstId, offsetsUs, prices, sizes, sells }
      return value === undefined || count === 0 ? trades : { ...trades, value }
    },
  }
}

/** A history by minute, from the start of its first hour to the end of its last. */
function roundOf(candles: readonly HistoricCandle[]): {
  readonly candles: readonly (HistoricCandle | undefined)[]
} {
  const starts = candles.map(({ startMs }) => startMs / MINUTE_MS)
  const hour = (minute: number) => Math.floor(minute / HOUR_MINUTES) * HOUR_MINUTES
  const first = hour(starts.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY))
  const end = hour(starts.reduce((a, b) => Math.max(a, b), 0)) + HOUR_MINUTES
  const byPlace = new Array<HistoricCandle | undefined>(end - first).fill(undefined)
  candles.forEach((candle, i) => {
    byPlace[(starts[i] ?? first) - first] = candle
  })
  return { candles: byPlace }
}

/** As many as the candle says, and enough for its four prices; each has a size. */
function tradesOf(candle: HistoricCandle, { sizeDigits }: Listing): number {
  const { open, high, low, close, volume } = candle
  const steps = Math.round(volume * 10 ** sizeDigits)
  if (!(steps > 0)) return 0
  const inner = (high > Math.max(open, close) ? 1 : 0) + (low < Math.min(open, close) ? 1 : 0)
  const least = inner + (open === close && inner === 0 ? 1 : 2)
  const said = Number.isNaN(candle.tradeCount) ? GUESSED_TRADES : candle.tradeCount
  return Math.min(steps, Math.max(said, least))
}

/** Prices from open to close that touch high and low. */
function pathOf(
  { open, high, low, close }: HistoricCandle,
  count: number,
  steps: (price: number) => number,
  next: () => number,
): Float64Array {
  const prices = Float64Array.from({ length: count }, () => steps(low + (high - low) * next()))
  const inner = [
    ...(high > Math.max(open, close) ? [steps(high)] : []),
    ...(low < Math.min(open, close) ? [steps(low)] : []),
  ]
  inner.forEach((price, i) => {
    if (i + 1 < count - 1) prices[i + 1] = price
  })
  prices[0] = steps(open)
  if (count > 0) prices[count - 1] = steps(close)
  return prices
}

/** A candle's own quote volume in steps of price × size. */
function valueOfQuote(quoteVolume: number, { priceDigits, sizeDigits }: Listing): bigint | undefined {
  if (Number.isNaN(quoteVolume)) return undefined
  const hundredMillionths = BigInt(quoteVolume.toFixed(8).replace('.', ''))
  const digits = priceDigits + sizeDigits - 8
  return digits >= 0 ? hundredMillionths * 10n ** BigInt(digits) : hundredMillionths / 10n ** BigInt(-digits)
}
