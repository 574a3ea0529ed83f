import { isQuiet, type TrueCandle } from '../../day/market.ts'
import { candleOf } from '../../market/candle.ts'
import type { Listing } from '../../market/listing.ts'
import type { Connection } from '../connection.ts'
import { followTrades, type Position, positionNow, type Stream } from '../stream.ts'
import type { Venue } from '../venue.ts'
import { ohlcFrame } from './rows.ts'

const MINUTE_MS = 60_000
const SNAPSHOT_ROWS = 10
/** A snapshot looks no farther back. */
const SNAPSHOT_MINUTES = 1440

/** How a subscription runs. */
export interface SubscriptionOptions {
  readonly venue: Venue
  readonly listing: Listing
  readonly hasSnapshot: boolean
  readonly send: Connection['send']
}

/**
 * Channel `ohlc` of a symbol: first the candles of the last ten minutes that had trades, then the running one with
 * each trade. Quiet minutes are not sent, closed ones not again.
 */
export function streamOhlc({ venue, listing, hasSnapshot, send }: SubscriptionOptions): Stream {
  const symbol = listing.nativeSymbol
  const from = positionNow(venue, listing)
  if (hasSnapshot) {
    const candles = snapshotOf(venue, listing, from)
    const startsMs = candles.map(({ startMs }) => startMs)
    const text = ohlcFrame('snapshot', candles, venue.now())
    send({ text, market: { channel: 'candle', symbol, startsMs, isLast: false, isClosing: false } })
  }
  const stop = followTrades(venue, listing, from, (minute, count) => {
    const text = ohlcFrame('update', [candleOf(minute, count)], venue.now())
    const [isLast, isClosing] = [count === minute.count, count === 1]
    send({ text, market: { channel: 'candle', symbol, startsMs: [minute.startMs], isLast, isClosing } })
  })
  return { stop }
}

/** The last ten minutes with trades, oldest first; the running one as far as it is. */
function snapshotOf({ market }: Venue, listing: Listing, { startMs, count }: Position): TrueCandle[] {
  const rows = count > 0 ? [candleOf(market.minute(listing, startMs), count)] : []
  for (let back = 1; back <= SNAPSHOT_MINUTES && rows.length < SNAPSHOT_ROWS; back++) {
    const atMs = startMs - back * MINUTE_MS
    if (!market.isTraded(listing, atMs)) continue
    rows.unshift(...market.truth(listing, atMs, atMs + MINUTE_MS).filter((candle) => !isQuiet(candle)))
  }
  return rows
}
