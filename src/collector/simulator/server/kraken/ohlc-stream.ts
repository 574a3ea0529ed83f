import { isQuiet, type TrueCandle } from '../../day/market.ts'
import { candleOf } from '../../market/candle.ts'
import type { Listing } from '../../market/listing.ts'
import { tradesUntil } from '../../market/minute.ts'
import type { OutFrame } from '../connection.ts'
import type { Venue } from '../venue.ts'
import { ohlcFrame } from './rows.ts'

const MINUTE_MS = 60_000
const SNAPSHOT_ROWS = 10
/** A snapshot looks no farther back. */
const SNAPSHOT_MINUTES = 1440

/** How a subscription of channel `ohlc` runs. */
export interface OhlcOptions {
  readonly venue: Venue
  readonly listing: Listing
  readonly hasSnapshot: boolean
  readonly send: (frame: OutFrame) => void
}

/**
 * Sends a symbol's candles from now on: first those of the last ten minutes that had trades, then the running one
 * with each trade. Quiet minutes are not sent, closed ones not again. Gives what stops it.
 */
export function streamOhlc({ venue, listing, hasSnapshot, send }: OhlcOptions): () => void {
  const { market } = venue
  const symbol = listing.nativeSymbol
  let callOff = () => {}
  let startMs = Math.floor(venue.now() / MINUTE_MS) * MINUTE_MS
  let sent = tradesUntil(market.minute(listing, startMs), venue.now())

  const sendSnapshot = () => {
    const candles = snapshotOf(venue, listing, startMs, sent)
    const startsMs = candles.map((candle) => candle.startMs)
    const text = ohlcFrame('snapshot', candles, venue.now())
    send({ text, market: { channel: 'candle', symbol, startsMs, isLast: false, isClosing: false } })
  }
  const sendTrades = () => {
    const now = venue.now()
    for (;;) {
      const minute = market.minute(listing, startMs)
      const until = tradesUntil(minute, now)
      while (sent < until) {
        sent++
        const text = ohlcFrame('update', [candleOf(minute, sent)], now)
        const [isLast, isClosing] = [sent === minute.count, sent === 1]
        send({ text, market: { channel: 'candle', symbol, startsMs: [startMs], isLast, isClosing } })
      }
      if (now < startMs + MINUTE_MS) return
      startMs += MINUTE_MS
      sent = 0
    }
  }
  const next = () => {
    const minute = market.minute(listing, startMs)
    const offsetUs = minute.offsetsUs[sent]
    // Rounded up: a trade is known once its moment is over.
    callOff = venue.at(startMs + (offsetUs === undefined ? MINUTE_MS : offsetUs / 1000 + 0.001), tick)
  }
  const tick = () => {
    sendTrades()
    next()
  }
  if (hasSnapshot) sendSnapshot()
  next()
  return () => callOff()
}

/** The last ten minutes with trades, oldest first; of the running one its first `count` trades. */
function snapshotOf({ market }: Venue, listing: Listing, startMs: number, count: number): TrueCandle[] {
  const rows = count > 0 ? [candleOf(market.minute(listing, startMs), count)] : []
  for (let back = 1; back <= SNAPSHOT_MINUTES && rows.length < SNAPSHOT_ROWS; back++) {
    const atMs = startMs - back * MINUTE_MS
    if (!market.isTraded(listing, atMs)) continue
    rows.unshift(...market.truth(listing, atMs, atMs + MINUTE_MS).filter((candle) => !isQuiet(candle)))
  }
  return rows
}
