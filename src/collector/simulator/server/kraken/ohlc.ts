import { candleOf } from '../../market/candle.ts'
import type { Listing } from '../../market/listing.ts'
import { tradesUntil } from '../../market/minute.ts'
import type { Venue } from '../venue.ts'

const MINUTE_MS = 60_000
const MOST_ROWS = 720

/**
 * What `GET /0/public/OHLC` gives of a listing: at most the newest 720 minutes that begin after `sinceS` (exclusive),
 * the running one always among them, as JSON. `last` is the start of the newest that is over.
 */
export function ohlcResult(venue: Venue, listing: Listing, key: string, sinceS: number | undefined): string {
  const now = venue.now()
  const runningMs = Math.floor(now / MINUTE_MS) * MINUTE_MS
  const oldestMs = runningMs - (MOST_ROWS - 1) * MINUTE_MS
  const sinceMs = sinceS === undefined ? oldestMs : (Math.floor(sinceS / 60) + 1) * MINUTE_MS
  const fromMs = Math.min(runningMs, Math.max(oldestMs, sinceMs))
  const rows = Array.from(venue.market.minutes(listing, fromMs, runningMs + 1), (minute) => {
    const count = tradesUntil(minute, now)
    const { open, high, low, close, vwap, volume } = candleOf(minute, count)
    return `[${minute.startMs / 1000},"${open}","${high}","${low}","${close}","${vwap}","${volume}",${count}]`
  })
  return `{"${key}":[${rows.join(',')}],"last":${runningMs / 1000 - 60}}`
}
