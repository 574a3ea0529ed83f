import { decimalOf } from '../../market/decimal.ts'
import type { Listing } from '../../market/listing.ts'
import { FIRST_MS } from '../../market/market.ts'
import { type Minute, tradesUntil } from '../../market/minute.ts'
import type { Venue } from '../venue.ts'

const MINUTE_MS = 60_000
const MOST_TRADES = 1000

/**
 * What `GET /0/public/Trades` gives of a listing: up to `count` trades from `sinceNs` on (inclusive), as JSON.
 * `last` is the time of the newest, so the next page repeats it. Without `sinceNs` the newest trades.
 */
export function tradesResult(
  venue: Venue,
  { listing, key }: { readonly listing: Listing; readonly key: string },
  { sinceNs, count = MOST_TRADES }: { readonly sinceNs: bigint | undefined; readonly count?: number },
): string {
  const most = Math.min(MOST_TRADES, Math.max(1, count))
  const page =
    sinceNs === undefined ? newest(venue, listing, most) : [...from(venue, listing, { sinceNs, most })]
  const last = page.at(-1)?.atNs ?? sinceNs ?? 0n
  return `{"${key}":[${page.map(({ text }) => text).join(',')}],"last":"${last}"}`
}

interface TradeText {
  readonly atNs: bigint
  readonly text: string
}

function* from(
  { market, now }: Venue,
  listing: Listing,
  { sinceNs, most }: { readonly sinceNs: bigint; readonly most: number },
): Generator<TradeText> {
  const fromMs = Math.floor(Number(sinceNs / 1_000_000n) / MINUTE_MS) * MINUTE_MS
  let count = 0
  for (const minute of market.minutes(listing, Math.max(FIRST_MS, fromMs), now())) {
    for (const trade of tradesOf(minute, now())) {
      if (trade.atNs < sinceNs) continue
      yield trade
      if (++count >= most) return
    }
  }
}

function newest({ market, now }: Venue, listing: Listing, most: number): readonly TradeText[] {
  let page: TradeText[] = []
  let startMs = Math.floor(now() / MINUTE_MS) * MINUTE_MS
  for (; page.length < most && startMs >= FIRST_MS; startMs -= MINUTE_MS) {
    if (market.isTraded(listing, startMs))
      page = [...tradesOf(market.sample(listing, startMs), now()), ...page]
  }
  return page.slice(-most)
}

/** The trades of a minute that are made. Kraken gives seconds with seven digits, and a `last` in ns. */
function tradesOf(minute: Minute, now: number): TradeText[] {
  const { listing, startMs, firstId, offsetsUs, prices, sizes, sells } = minute
  return Array.from({ length: tradesUntil(minute, now) }, (_, trade) => {
    const offsetUs = BigInt(offsetsUs[trade] as number)
    const atUs = BigInt(startMs) * 1000n + offsetUs
    const price = decimalOf(prices[trade] as number, listing.priceDigits)
    const size = decimalOf(sizes[trade] as number, listing.sizeDigits) + '0'.repeat(8 - listing.sizeDigits)
    const side = sells[trade] === 1 ? 's' : 'b'
    const text = `["${price}","${size}",${decimalOf(atUs * 10n, 7)},"${side}","m","",${firstId + trade}]`
    return { atNs: atUs * 1000n, text }
  })
}
