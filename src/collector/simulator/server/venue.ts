import { type DayFigures, openDayFigures } from '../market/day-figures.ts'
import type { Listing } from '../market/listing.ts'
import type { Market } from '../market/market.ts'
import type { Timeline } from './timeline.ts'

/** One simulated exchange: what it lists, and its own clock. */
export interface Venue {
  /** `binance_us`, `kraken`. */
  readonly exchange: string
  readonly seed: number
  readonly market: Market
  readonly listings: readonly Listing[]
  readonly timeline: Timeline
  /** What a ticker says at a moment of the exchange's clock. */
  figures(listing: Listing, atMs: number): DayFigures
  /** The exchange's clock, ms: everything it says of time, its minutes included. */
  now(): number
  /** Runs once the exchange's clock shows `atMs`. */
  at(atMs: number, run: () => void): () => void
  /** How far its clock is ahead, ms. Set back, it sends nothing anew: time catches up. */
  skewMs: number
}

/** An exchange of a market. */
export function openVenue(options: {
  readonly exchange: string
  readonly seed: number
  readonly market: Market
  readonly timeline: Timeline
  readonly skewMs: number
}): Venue {
  const { exchange, seed, market, timeline } = options
  const venue: Venue = {
    exchange,
    seed,
    market,
    timeline,
    figures: openDayFigures(market),
    listings: market.listings.filter((listing) => listing.exchange === exchange),
    now: () => timeline.now() + venue.skewMs,
    at: (atMs, run) => timeline.at(atMs - venue.skewMs, run),
    skewMs: options.skewMs,
  }
  return venue
}
