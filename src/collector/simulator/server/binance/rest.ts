import { json, type RestAnswer, type RestRequest, type RestService } from '../rest.ts'
import type { Venue } from '../venue.ts'
import { exchangeInfo } from './exchange-info.ts'
import { klinesAnswer } from './klines.ts'
import { symbolParam, symbolsParam } from './params.ts'
import { tickerRow } from './tickers.ts'
import { openWeightLimit } from './weights.ts'

/** Weight a minute, by exchange. */
const LIMITS: Readonly<Record<string, number>> = { binance: 6000, binance_us: 1200 }

interface Route {
  readonly weight: (params: URLSearchParams) => number
  readonly answer: (params: URLSearchParams) => RestAnswer
}

/** Binance's REST interface, as far as market data goes. */
export function openBinanceRest(venue: Venue, isLimited: boolean): RestService {
  const factor = venue.exchange === 'binance' ? 2 : 1
  const limit = openWeightLimit(venue, LIMITS[venue.exchange] ?? 1200, isLimited)
  const isOne = (params: URLSearchParams) => params.has('symbol')
  const routes: Readonly<Record<string, Route>> = {
    '/api/v3/ping': { weight: () => 1, answer: () => json({}) },
    '/api/v3/time': { weight: () => 1, answer: () => json({ serverTime: Math.floor(venue.now()) }) },
    '/api/v3/klines': {
      weight: () => factor,
      answer: (params) => {
        const listing = symbolParam(venue, params)
        return 'status' in listing ? listing : klinesAnswer(venue, listing, params)
      },
    },
    '/api/v3/exchangeInfo': {
      weight: () => 10 * factor,
      answer: (params) => {
        const listings = symbolsParam(venue, params)
        return 'status' in listings ? listings : json(exchangeInfo(listings, venue.now(), limit.limit))
      },
    },
    '/api/v3/ticker/24hr': {
      weight: (params) => (isOne(params) ? 1 : 40) * factor,
      answer: (params) => {
        const listings = symbolsParam(venue, params)
        if ('status' in listings) return listings
        const rows = listings.map((listing) => tickerRow(venue.figures(listing, venue.now()), venue.now()))
        return json(isOne(params) ? rows[0] : rows)
      },
    },
  }
  return ({ path, params }: RestRequest): RestAnswer => {
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined
    if (route === undefined) return { status: 404, body: '{}' }
    // A request that is refused costs as much as any other.
    const answer = limit.take(route.weight(params)) ?? route.answer(params)
    return { ...answer, headers: { ...limit.headers(), ...answer.headers } }
  }
}
