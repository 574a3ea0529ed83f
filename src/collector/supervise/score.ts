/** What a feed costs the process that runs it, as measured. */
export interface FeedRates {
  readonly bytesPerSecond: number
  readonly reconnectsPerMinute: number
}

/** A reconnect per minute weighs as much as so many bytes per second. */
const RECONNECT_WEIGHT = 2000
const LEAST = 1

/** A minute's candle comes about every 2 s in 350 bytes; a ticker about every second in 1500. */
const BYTES_PER_SECOND = { candles: 175, ticks: 1500 } as const
/** How many symbols a tick feed is taken to have before it says so. */
const USUAL_TICK_SYMBOLS = 500

/** The load score: bytes/s + 2000 × reconnects/min, at least 1. */
export function scoreOf({ bytesPerSecond, reconnectsPerMinute }: FeedRates): number {
  return Math.max(LEAST, bytesPerSecond + RECONNECT_WEIGHT * reconnectsPerMinute)
}

/** The score of a feed that never ran, by its number of symbols; undefined: not known yet. */
export function expectedScore(kind: 'candles' | 'ticks', symbols: number | undefined): number {
  return Math.max(LEAST, (symbols ?? USUAL_TICK_SYMBOLS) * BYTES_PER_SECOND[kind])
}
