import type { DayFigures } from '../../market/day-figures.ts'
import type { Listing } from '../../market/listing.ts'
import type { MarketNote } from '../connection.ts'
import { followTrades, positionNow, repeat, type Stream, silentStream } from '../stream.ts'
import type { Venue } from '../venue.ts'
import { bookTickerPayload } from './frames.ts'
import { type SendPayload, streamKlines } from './kline-stream.ts'
import { miniTickerPayload, tickerPayload } from './tickers.ts'

const TICKER_MS = 1000

/** Starts a stream by its name, `btcusdt@kline_1m`. Nothing flows for a name that means nothing. */
export function startStream(venue: Venue, name: string, send: SendPayload): Stream {
  if (name === '!ticker@arr') return streamAll(venue, tickerPayload, send)
  if (name === '!miniTicker@arr') return streamAll(venue, miniTickerPayload, send)
  const [symbol = '', kind = ''] = name.split('@')
  // Names in upper case are acknowledged like any other, and silent.
  if (symbol !== symbol.toLowerCase()) return silentStream
  const listing = venue.market.find(venue.exchange, symbol.toUpperCase())
  const start = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
  return listing && start ? start(venue, listing, send) : silentStream
}

type StartStream = (venue: Venue, listing: Listing, send: SendPayload) => Stream
type PayloadOf = (figures: DayFigures, atMs: number) => string

const kinds: Readonly<Record<string, StartStream>> = {
  kline_1m: (venue, listing, send) => ({ stop: streamKlines(venue, listing, send) }),
  bookTicker: (venue, listing, send) => ({
    stop: followTrades(venue, listing, positionNow(venue, listing), (minute, count) =>
      send(bookTickerPayload(minute, count), noteOf(listing.nativeSymbol)),
    ),
  }),
  ticker: (venue, listing, send) => streamOne(venue, listing, tickerPayload, send),
  miniTicker: (venue, listing, send) => streamOne(venue, listing, miniTickerPayload, send),
}

function streamOne(venue: Venue, listing: Listing, payloadOf: PayloadOf, send: SendPayload): Stream {
  const say = (figures: DayFigures) => send(payloadOf(figures, venue.now()), noteOf(listing.nativeSymbol))
  return {
    stop: repeat(venue, TICKER_MS, () => say(venue.figures(listing, venue.now()))),
    burst: (frames) => {
      const figures = venue.figures(listing, venue.now())
      for (let frame = 1; frame <= frames; frame++) say({ ...figures, last: figures.last + frame })
    },
  }
}

/** All symbols in one frame. */
function streamAll(venue: Venue, payloadOf: PayloadOf, send: SendPayload): Stream {
  const say = () => {
    const now = venue.now()
    const payloads = venue.listings.map((listing) => payloadOf(venue.figures(listing, now), now))
    send(`[${payloads.join(',')}]`, noteOf('*'))
  }
  return { stop: repeat(venue, TICKER_MS, say) }
}

function noteOf(symbol: string): MarketNote {
  return { channel: 'ticker', symbol, startsMs: [], isLast: false, isClosing: false }
}
