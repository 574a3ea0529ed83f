import type { Listing } from '../../market/listing.ts'
import type { RestAnswer } from '../rest.ts'
import type { Venue } from '../venue.ts'

/** 400, as Binance says what is wrong with a request. */
export function badRequest(code: number, msg: string): RestAnswer {
  return { status: 400, body: JSON.stringify({ code, msg }) }
}

/** A parameter that is a whole number; undefined where it is not given; a refusal where it is something else. */
export function wholeParam(params: URLSearchParams, name: string): number | undefined | RestAnswer {
  const text = params.get(name)
  if (text === null) return undefined
  if (/^\d{1,20}$/.test(text)) return Number(text)
  return badRequest(-1100, `Illegal characters found in parameter '${name}'; legal range is '^[0-9]{1,20}$'.`)
}

/** The listing that `symbol` names, or why there is none. */
export function symbolParam(venue: Venue, params: URLSearchParams): Listing | RestAnswer {
  const symbol = params.get('symbol') ?? ''
  if (symbol === '')
    return badRequest(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
  return listingNamed(venue, symbol)
}

/** The listings that `symbol` or `symbols` name; all where neither is given. */
export function symbolsParam(venue: Venue, params: URLSearchParams): readonly Listing[] | RestAnswer {
  if (params.has('symbol')) {
    const listing = symbolParam(venue, params)
    return 'status' in listing ? listing : [listing]
  }
  const text = params.get('symbols')
  if (text === null) return venue.listings
  const listings: Listing[] = []
  for (const symbol of namesIn(text) ?? []) {
    const listing = listingNamed(venue, symbol)
    if ('status' in listing) return listing
    listings.push(listing)
  }
  return listings.length > 0
    ? listings
    : badRequest(-1100, "Illegal characters found in parameter 'symbols'.")
}

function listingNamed(venue: Venue, symbol: string): Listing | RestAnswer {
  return venue.market.find(venue.exchange, symbol) ?? badRequest(-1121, 'Invalid symbol.')
}

function namesIn(text: string): readonly string[] | undefined {
  try {
    const names: unknown = JSON.parse(text)
    return Array.isArray(names) ? names.map(String) : undefined
  } catch {
    return undefined
  }
}
