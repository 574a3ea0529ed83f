import type { Listing } from './listing.ts'

/** The trades of one minute of one listing, with what a candle was after each. Prices and sizes are whole steps. */
export interface Minute {
  readonly listing: Listing
  readonly startMs: number
  /** Id of the first trade; the others follow on. */
  readonly firstId: number
  readonly count: number
  /** µs since `startMs`, growing. */
  readonly offsetsUs: Float64Array
  readonly prices: Float64Array
  /** Exact whole numbers: below 2^53. */
  readonly sizes: Float64Array
  /** 1: the taker sold. */
  readonly sells: Uint8Array
  /** The price that stood before the first trade. */
  readonly priceBefore: number
  /** Of the first k + 1 trades. */
  readonly highs: Float64Array
  readonly lows: Float64Array
  readonly volumes: readonly bigint[]
  /** Σ price × size. */
  readonly values: readonly bigint[]
  /** The same of what takers bought. */
  readonly boughtVolumes: readonly bigint[]
  readonly boughtValues: readonly bigint[]
}

/** Trades as they are drawn or made of a candle. */
export interface Trades {
  readonly firstId: number
  readonly offsetsUs: Float64Array
  readonly prices: Float64Array
  readonly sizes: Float64Array
  readonly sells: Uint8Array
  /** Σ price × size, where it is not that of these prices but known apart: it is shared out by size. */
  readonly value?: bigint
}

/** Adds up the trades of a minute, one after the other. */
export function minuteOf(listing: Listing, startMs: number, trades: Trades, priceBefore: number): Minute {
  const count = trades.prices.length
  const highs = new Float64Array(count)
  const lows = new Float64Array(count)
  const volumes: bigint[] = []
  const values: bigint[] = []
  const boughtVolumes: bigint[] = []
  const boughtValues: bigint[] = []
  let [high, low, volume, value, boughtVolume, boughtValue] = [0, Number.POSITIVE_INFINITY, 0n, 0n, 0n, 0n]
  for (let trade = 0; trade < count; trade++) {
    const price = trades.prices[trade] as number
    const size = BigInt(trades.sizes[trade] as number)
    high = Math.max(high, price)
    low = Math.min(low, price)
    const paid = BigInt(price) * size
    volume += size
    value += paid
    if (trades.sells[trade] === 0) {
      boughtVolume += size
      boughtValue += paid
    }
    highs[trade] = high
    lows[trade] = low
    volumes.push(volume)
    values.push(value)
    boughtVolumes.push(boughtVolume)
    boughtValues.push(boughtValue)
  }
  if (trades.value !== undefined && volume > 0n) {
    const share = (of: bigint) => ((trades.value ?? 0n) * of) / volume
    for (let trade = 0; trade < count; trade++) {
      values[trade] = share(volumes[trade] as bigint)
      boughtValues[trade] = share(boughtVolumes[trade] as bigint)
    }
  }
  const sums = { highs, lows, volumes, values, boughtVolumes, boughtValues }
  return { listing, startMs, ...trades, count, priceBefore, ...sums }
}

/** How many of a minute's trades were made before `atMs`. */
export function tradesUntil({ offsetsUs, count, startMs }: Minute, atMs: number): number {
  const atUs = (atMs - startMs) * 1000
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((offsetsUs[middle] as number) < atUs) low = middle + 1
    else high = middle
  }
  return low
}

/** Price after the first `count` trades, in steps. */
export function closeOf({ prices, priceBefore }: Minute, count: number): number {
  return count === 0 ? priceBefore : (prices[count - 1] as number)
}
