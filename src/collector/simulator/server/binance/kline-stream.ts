import type { Listing } from '../../market/listing.ts'
import { tradesUntil } from '../../market/minute.ts'
import { fractionAt, seedOf } from '../../random.ts'
import type { MarketNote } from '../connection.ts'
import type { Venue } from '../venue.ts'
import { klinePayload } from './frames.ts'

const MINUTE_MS = 60_000
const UPDATE_MS = 2000

/** A payload, and what it says of the market. */
export type SendPayload = (payload: string, market: MarketNote) => void

/**
 * Sends a symbol's klines from now on: the running candle every 2 s, the final one about 1.7 s after the minute,
 * for quiet minutes too. Gives what stops it.
 */
export function streamKlines(venue: Venue, listing: Listing, send: SendPayload): () => void {
  const seed = seedOf(venue.seed, listing.nativeSymbol)
  /** Measured: 1756 ms after the minute. */
  const finalMs = (startMs: number) =>
    startMs + MINUTE_MS + 1656 + Math.floor(fractionAt(seed, startMs) * 200)
  /** The first update comes after the final candle of the minute before. */
  const firstMs = UPDATE_MS + Math.floor(fractionAt(seed, 1) * 900)
  const startOf = (ms: number) => Math.floor(ms / MINUTE_MS) * MINUTE_MS
  let startMs = startOf(venue.now() - 1900)
  let callOff = () => {}

  const sendCandle = (atMs: number, isFinal: boolean) => {
    const minute = venue.market.minute(listing, startMs)
    const count = isFinal ? minute.count : tradesUntil(minute, atMs)
    const payload = klinePayload(minute, { count, isFinal, atMs })
    const symbol = listing.nativeSymbol
    send(payload, { channel: 'candle', symbol, startsMs: [startMs], isLast: isFinal, isClosing: isFinal })
  }
  const next = () => {
    const now = venue.now()
    const sinceFirst = now - startMs - firstMs
    const update = startMs + firstMs + Math.max(0, Math.floor(sinceFirst / UPDATE_MS) + 1) * UPDATE_MS
    callOff = venue.at(update < startMs + MINUTE_MS ? update : finalMs(startMs), tick)
  }
  const tick = () => {
    const now = venue.now()
    for (; now >= finalMs(startMs); startMs += MINUTE_MS) sendCandle(now, true)
    if (now >= startMs + firstMs && now < startMs + MINUTE_MS) sendCandle(now, false)
    next()
  }
  next()
  return () => callOff()
}
