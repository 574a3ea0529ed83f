import type { RestAnswer, RestRequest, RestService } from '../rest.ts'
import type { Venue } from '../venue.ts'
import { assetPair, assets, tickerEntry } from './lists.ts'
import { indexPairs, namesOf } from './names.ts'
import { ohlcResult } from './ohlc.ts'
import { tradesResult } from './trades.ts'

/** About one call a second for an address, and so many at once. */
const CALLS = { burst: 15, perSecond: 1 }

/** Kraken's public REST interface. Errors are HTTP 200. */
export function openKrakenRest(venue: Venue, isLimited: boolean): RestService {
  const pairs = indexPairs(venue.listings)
  const takeCall = openCallCounter(venue)
  const named = (params: URLSearchParams): readonly (Found | undefined)[] =>
    params
      .get('pair')
      ?.split(',')
      .map((pair) => pairs.find(pair)) ??
    venue.listings.map((listing) => ({ listing, key: namesOf(listing).key }))
  const entries = (params: URLSearchParams, entry: (found: Found) => unknown): RestAnswer => {
    const found = named(params)
    if (found.includes(undefined)) return failure('EQuery:Unknown asset pair')
    const rows = found.flatMap((each) => (each ? [[each.key, entry(each)] as const] : []))
    return result(JSON.stringify(Object.fromEntries(rows)))
  }
  const ofPair = (params: URLSearchParams, answer: (found: Found) => RestAnswer): RestAnswer => {
    const pair = params.get('pair')
    if (pair === null) return failure('EGeneral:Invalid arguments')
    const found = pairs.find(pair)
    return found === undefined ? failure('EQuery:Unknown asset pair') : answer(found)
  }
  const routes: Readonly<Record<string, (params: URLSearchParams) => RestAnswer>> = {
    Time: () => {
      const unixtime = Math.floor(venue.now() / 1000)
      const rfc1123 = new Date(unixtime * 1000).toUTCString()
      return result(JSON.stringify({ unixtime, rfc1123 }))
    },
    SystemStatus: () =>
      result(JSON.stringify({ status: 'online', timestamp: new Date(venue.now()).toISOString() })),
    Assets: () => result(JSON.stringify(assets(venue.listings))),
    AssetPairs: (params) => entries(params, ({ listing }) => assetPair(listing)),
    Ticker: (params) => entries(params, ({ listing }) => tickerEntry(venue.figures(listing, venue.now()))),
    OHLC: (params) =>
      ofPair(params, ({ listing, key }) => {
        const interval = params.get('interval') ?? '1'
        // Kraken knows others; only minutes are simulated.
        if (interval !== '1') return failure('EGeneral:Invalid arguments:interval')
        return result(ohlcResult(venue, listing, key, wholeOf(params.get('since'))))
      }),
    Trades: (params) =>
      ofPair(params, (found) => {
        const since = params.get('since')
        const sinceNs = since === null || !/^\d{1,19}$/.test(since) ? undefined : nanosOf(since)
        const count = wholeOf(params.get('count'))
        return result(tradesResult(venue, found, { sinceNs, ...(count !== undefined && { count }) }))
      }),
  }
  return ({ path, params }: RestRequest) => {
    const name = path.startsWith('/0/public/') ? path.slice('/0/public/'.length) : ''
    const route = Object.hasOwn(routes, name) ? routes[name] : undefined
    if (route === undefined) return failure('EGeneral:Unknown method')
    return takeCall() || !isLimited ? route(params) : failure('EGeneral:Too many requests')
  }
}

/** HTTP 200 that says an error. */
function failure(error: string): RestAnswer {
  return { status: 200, body: JSON.stringify({ error: [error] }) }
}

interface Found {
  readonly listing: Venue['listings'][number]
  readonly key: string
}

function result(json: string): RestAnswer {
  return { status: 200, body: `{"error":[],"result":${json}}` }
}

function wholeOf(text: string | null): number | undefined {
  return text !== null && /^\d{1,19}$/.test(text) ? Number(text) : undefined
}

/** Kraken takes seconds as well. */
function nanosOf(since: string): bigint {
  return BigInt(since) * (since.length <= 10 ? 1_000_000_000n : 1n)
}

function openCallCounter(venue: Venue): () => boolean {
  let [left, atMs] = [CALLS.burst, venue.timeline.now()]
  return () => {
    const now = venue.timeline.now()
    left = Math.min(CALLS.burst, left + ((now - atMs) / 1000) * CALLS.perSecond)
    atMs = now
    if (left < 1) return false
    left--
    return true
  }
}
