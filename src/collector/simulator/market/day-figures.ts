import type { Listing } from './listing.ts'
import type { Market } from './market.ts'
import { closeOf, type Minute, tradesUntil } from './minute.ts'

/** What a ticker says of the last 24 hours. Prices are steps; sums are estimates from one minute in each hour. */
export interface DayFigures {
  /** The running minute, and how many of its trades are made. */
  readonly minute: Minute
  readonly count: number
  readonly last: number
  readonly open: number
  readonly high: number
  readonly low: number
  /** Base, in quote's own units. */
  readonly volume: number
  readonly quoteVolume: number
  readonly firstId: number
  readonly lastId: number
}

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/** Gives figures by listing and time; what a minute's figures cost is paid once. */
export function openDayFigures(market: Market): (listing: Listing, nowMs: number) => DayFigures {
  const kept = new Map<Listing, { readonly startMs: number; readonly past: Past }>()
  return (listing, nowMs) => {
    const startMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS
    const known = kept.get(listing)
    const past = known?.startMs === startMs ? known.past : pastOf(market, listing, startMs)
    kept.set(listing, { startMs, past })
    const minute = market.minute(listing, startMs)
    const count = tradesUntil(minute, nowMs)
    const last = closeOf(minute, count)
    const [high, low] = [Math.max(past.high, last), Math.min(past.low, last)]
    return { minute, count, last, ...past, high, low, lastId: minute.firstId + count - 1 }
  }
}

interface Past {
  readonly open: number
  readonly high: number
  readonly low: number
  readonly volume: number
  readonly quoteVolume: number
  readonly firstId: number
}

function pastOf(market: Market, listing: Listing, startMs: number): Past {
  const samples = Array.from({ length: 24 }, (_, hour) =>
    market.sample(listing, startMs - (24 - hour) * HOUR_MS),
  )
  const first = samples[0] as Minute
  const prices = samples.flatMap((minute) => [minute.priceBefore, ...minute.prices])
  const sum = (of: (minute: Minute) => bigint | undefined, digits: number) =>
    samples.reduce((total, minute) => total + Number(of(minute) ?? 0n), 0) * 60 * 10 ** -digits
  const { sizeDigits, priceDigits } = listing
  return {
    open: first.priceBefore,
    high: Math.max(...prices),
    low: Math.min(...prices),
    volume: sum(({ volumes }) => volumes.at(-1), sizeDigits),
    quoteVolume: sum(({ values }) => values.at(-1), sizeDigits + priceDigits),
    firstId: first.firstId,
  }
}
