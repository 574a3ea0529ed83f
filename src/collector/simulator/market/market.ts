import type { Instrument } from '../../../base/index.ts'
import type { SimulatedInstrument, TrueCandle } from '../day/market.ts'
import { candleOf } from './candle.ts'
import { candleTrades, type HistoricCandle } from './candle-trades.ts'
import { historicListing } from './historic-listing.ts'
import { type Listing, listingOf } from './listing.ts'
import { closeOf, type Minute, minuteOf } from './minute.ts'
import { seededTrades, type TradeSource } from './seeded-trades.ts'

/** What is traded, and every trade of it. A function of the seed alone: asking changes nothing. */
export interface Market {
  readonly listings: readonly Listing[]
  /** By the exchange's id and its own name of the instrument. */
  find(exchange: string, nativeSymbol: string): Listing | undefined
  /** The minute that begins at `startMs`, with its trades. */
  minute(listing: Listing, startMs: number): Minute
  /** The same, of a past that nobody asks for again soon. */
  sample(listing: Listing, startMs: number): Minute
  /** Whether a minute has a trade; cheaper than the minute. */
  isTraded(listing: Listing, startMs: number): boolean
  /** Every minute that begins in `[fromMs, toMs)`, in order of time. */
  minutes(listing: Listing, fromMs: number, toMs: number): Generator<Minute>
  /** The same as candles; quiet ones are flat. */
  truth(listing: Listing, fromMs: number, toMs: number): TrueCandle[]
}

/** Which market. */
export interface MarketOptions {
  readonly seed: number
  /** Those without digits, price and rhythm get them by their coin. */
  readonly instruments: readonly (Instrument | SimulatedInstrument)[]
  /** Candles of instruments that trade as they did before, again and again; others come from the seed. */
  readonly history?: ReadonlyMap<Instrument, readonly HistoricCandle[]> | undefined
}

/** Nothing traded before 2017. */
export const FIRST_MS = Date.parse('2017-01-01T00:00:00Z')
const MINUTE_MS = 60_000
/** Minutes of a listing that are kept with their trades: those that are running and just over. */
const KEPT_MINUTES = 6

/** Opens a market; nothing is drawn before it is asked for. */
export function openMarket({ seed, instruments, history }: MarketOptions): Market {
  const books = new Map<Listing, Book>()
  const listings = instruments.map((instrument) => {
    const candles = history?.get(instrument)
    const listing = listingOf(candles ? historicListing(instrument, candles) : instrument)
    const source = candles ? candleTrades(listing, seed, candles) : seededTrades(listing, seed)
    books.set(listing, openBook(listing, source))
    return listing
  })
  const byName = new Map(listings.map((one) => [`${one.exchange} ${one.nativeSymbol}`, one]))
  const bookOf = (listing: Listing) => books.get(listing) as Book
  return {
    listings,
    find: (exchange, nativeSymbol) => byName.get(`${exchange} ${nativeSymbol}`),
    minute: (listing, startMs) => bookOf(listing).minute(startMs / MINUTE_MS),
    sample: (listing, startMs) => bookOf(listing).sample(startMs / MINUTE_MS),
    isTraded: (listing, startMs) => bookOf(listing).source.count(startMs / MINUTE_MS) > 0,
    minutes: (listing, fromMs, toMs) => bookOf(listing).minutes(fromMs, toMs),
    truth: (listing, fromMs, toMs) =>
      Array.from(bookOf(listing).minutes(fromMs, toMs), (minute) => candleOf(minute)),
  }
}

interface Book {
  readonly source: TradeSource
  minute(minute: number): Minute
  sample(minute: number): Minute
  minutes(fromMs: number, toMs: number): Generator<Minute>
}

function openBook(listing: Listing, source: TradeSource): Book {
  const kept = new Map<number, Minute>()
  const build = (minute: number, before = priceBefore(source, minute)) =>
    minuteOf(listing, minute * MINUTE_MS, source.trades(minute), before)
  const minuteAt = (minute: number) => {
    const known = kept.get(minute)
    if (known) return known
    const built = build(minute)
    if (kept.size >= KEPT_MINUTES) kept.delete(kept.keys().next().value as number)
    kept.set(minute, built)
    return built
  }
  return {
    source,
    minute: minuteAt,
    sample: (minute) => build(minute),
    *minutes(fromMs, toMs) {
      const first = Math.ceil(Math.max(fromMs, FIRST_MS) / MINUTE_MS)
      let before = priceBefore(source, first)
      for (let minute = first; minute * MINUTE_MS < toMs; minute++) {
        const built = build(minute, before)
        before = closeOf(built, built.count)
        yield built
      }
    },
  }
}

/** The close of the last minute with a trade before `minute`. */
function priceBefore(source: TradeSource, minute: number): number {
  for (let at = minute - 1; at * MINUTE_MS >= FIRST_MS; at--) {
    if (source.count(at) > 0) return source.trades(at).prices.at(-1) as number
  }
  return source.firstPrice
}
