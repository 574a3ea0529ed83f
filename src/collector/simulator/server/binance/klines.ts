import { candleOf } from '../../market/candle.ts'
import type { Listing } from '../../market/listing.ts'
import { type Minute, tradesUntil } from '../../market/minute.ts'
import type { RestAnswer } from '../rest.ts'
import type { Venue } from '../venue.ts'
import { takerBuys } from './frames.ts'
import { badRequest, wholeParam } from './params.ts'

const MINUTE_MS = 60_000
const DEFAULT_ROWS = 500
const MOST_ROWS = 1000
/** Those that Binance knows; only 1m is simulated. */
const INTERVALS = /^(1|3|5|15|30)m$|^(1|2|4|6|8|12)h$|^[13]d$|^1[wM]$/

/** `GET /api/v3/klines`: rows by open time, the running candle last and unmarked. */
export function klinesAnswer(venue: Venue, listing: Listing, params: URLSearchParams): RestAnswer {
  const interval = params.get('interval')
  if (interval === null) return missing('interval')
  if (!INTERVALS.test(interval)) return badRequest(-1120, 'Invalid interval.')
  if (interval !== '1m') return badRequest(-1120, 'Invalid interval. (Simulated: 1m alone.)')
  const [startTime, endTime, limit] = ['startTime', 'endTime', 'limit'].map((name) =>
    wholeParam(params, name),
  )
  for (const value of [startTime, endTime, limit]) if (typeof value === 'object') return value
  if (limit === 0) return badRequest(-1130, "Data sent for parameter 'limit' is not valid.")
  const range = rangeOf(venue.now(), {
    startTime: startTime as number | undefined,
    endTime: endTime as number | undefined,
    rows: Math.min(MOST_ROWS, (limit as number | undefined) ?? DEFAULT_ROWS),
  })
  const rows = Array.from(venue.market.minutes(listing, range.fromMs, range.toMs), (minute) =>
    row(minute, tradesUntil(minute, venue.now())),
  )
  return { status: 200, body: `[${rows.join(',')}]` }
}

/** From the start if there is one, else the newest. */
function rangeOf(
  now: number,
  { startTime, endTime, rows }: { startTime: number | undefined; endTime: number | undefined; rows: number },
): { readonly fromMs: number; readonly toMs: number } {
  const endMs = Math.floor(Math.min(endTime ?? now, now) / MINUTE_MS) * MINUTE_MS + MINUTE_MS
  if (startTime === undefined) return { fromMs: endMs - rows * MINUTE_MS, toMs: endMs }
  const fromMs = Math.ceil(startTime / MINUTE_MS) * MINUTE_MS
  return { fromMs, toMs: Math.min(endMs, fromMs + rows * MINUTE_MS) }
}

function row(minute: Minute, count: number): string {
  const { open, high, low, close, volume, quoteVolume } = candleOf(minute, count)
  const taker = takerBuys(minute, count)
  return `[${minute.startMs},"${open}","${high}","${low}","${close}","${volume}",${minute.startMs + 59_999},"${quoteVolume}",${count},"${taker.volume}","${taker.value}","0"]`
}

function missing(name: string): RestAnswer {
  return badRequest(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`)
}
