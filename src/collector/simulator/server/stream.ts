import type { Listing } from '../market/listing.ts'
import { type Minute, tradesUntil } from '../market/minute.ts'
import type { Venue } from './venue.ts'

/** Something that flows on a connection. */
export interface Stream {
  stop(): void
  /** Sends so many frames at once; undefined where it has no tickers. */
  readonly burst?: (frames: number) => void
}

/** A name that nothing flows for. */
export const silentStream: Stream = { stop: () => {} }

/** A burst of so many frames over all streams that have one. */
export function shareOut(streams: readonly Stream[], frames: number): void {
  const bursts = streams.flatMap(({ burst }) => (burst ? [burst] : []))
  bursts.forEach((burst, i) => {
    const [from, to] = [i, i + 1].map((at) => Math.floor((frames * at) / bursts.length))
    burst((to ?? 0) - (from ?? 0))
  })
}

const MINUTE_MS = 60_000

/** Where in a listing's trades something is. */
export interface Position {
  readonly startMs: number
  /** Trades of that minute that are made. */
  readonly count: number
}

/** Where a listing's trades are now. */
export function positionNow({ market, now }: Venue, listing: Listing): Position {
  const startMs = Math.floor(now() / MINUTE_MS) * MINUTE_MS
  return { startMs, count: tradesUntil(market.minute(listing, startMs), now()) }
}

/**
 * Runs for each trade after `from` as it is made, with its minute and the trades in it so far, this one included.
 * Each trade comes once and in order, whatever the exchange's clock does. Gives what stops it.
 */
export function followTrades(
  venue: Venue,
  listing: Listing,
  from: Position,
  onTrade: (minute: Minute, count: number) => void,
): () => void {
  const { market } = venue
  let { startMs, count } = from
  let callOff = () => {}
  const run = () => {
    const now = venue.now()
    for (;;) {
      const minute = market.minute(listing, startMs)
      const until = tradesUntil(minute, now)
      while (count < until) onTrade(minute, ++count)
      if (now < startMs + MINUTE_MS) break
      startMs += MINUTE_MS
      count = 0
    }
    next()
  }
  const next = () => {
    const offsetUs = market.minute(listing, startMs).offsetsUs[count]
    // A trade is made once its moment is over.
    callOff = venue.at(startMs + (offsetUs === undefined ? MINUTE_MS : offsetUs / 1000 + 0.001), run)
  }
  next()
  return () => callOff()
}

/** Runs each `everyMs` from now on, first after one of them. Gives what stops it. */
export function repeat(venue: Venue, everyMs: number, run: () => void): () => void {
  const { timeline } = venue
  let callOff = () => {}
  const next = (atMs: number) => {
    callOff = timeline.at(atMs, () => {
      run()
      next(Math.max(timeline.now(), atMs + everyMs))
    })
  }
  next(timeline.now() + everyMs)
  return () => callOff()
}
