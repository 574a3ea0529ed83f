import { mixed, randomFrom, seedOf } from '../random.ts'
import { fairPriceOf } from './fair-price.ts'
import { type HourPlan, hourPlan } from './hour-plan.ts'
import type { Listing } from './listing.ts'
import type { Trades } from './minute.ts'

/** Where the trades of a listing come from. Any minute may be asked for, in any order: the answer is the same. */
export interface TradeSource {
  /** Trades of a minute, which costs less to know than the trades. Minutes since the epoch. */
  count(minute: number): number
  trades(minute: number): Trades
  /** What stood before anything traded, in steps of the price. */
  readonly firstPrice: number
}

const MINUTE_US = 60_000_000
/** Of a trade, in quote. */
const MEAN_VALUE = 350
const LEAST_VALUE = 5
/** How far a trade lies from the fair price: the deviation, as a share. */
const SPREAD = 0.0002
/** Plans of so many hours are kept. */
const KEPT_HOURS = 48
const MOST_STEPS = 9_000_000_000_000_000

/** Trades drawn from a seed. */
export function seededTrades(listing: Listing, seed: number): TradeSource {
  const own = seedOf(seed, `${listing.exchange} ${listing.nativeSymbol}`)
  const fair = fairPriceOf(listing, seed)
  const planOf = keptPlans((hour) => hourPlan(own, listing.tradesPerMinute, hour))
  const steps = (price: number) => Math.max(1, Math.round(price * 10 ** listing.priceDigits))
  const count = (minute: number) => {
    const { before } = planOf(Math.floor(minute / 60))
    return (before[(minute % 60) + 1] as number) - (before[minute % 60] as number)
  }
  const trades = (minute: number): Trades => {
    const { firstId, before } = planOf(Math.floor(minute / 60))
    const length = count(minute)
    const random = randomFrom(mixed(own, minute))
    const offsetsUs = timesOf(length, random.next)
    const prices = new Float64Array(length)
    const sizes = new Float64Array(length)
    const sells = new Uint8Array(length)
    const [from, to] = length === 0 ? [0, 0] : [fair(minute), fair(minute + 1)]
    for (let trade = 0; trade < length; trade++) {
      const share = (offsetsUs[trade] as number) / MINUTE_US
      const price = steps((from + (to - from) * share) * (1 + SPREAD * random.normal()))
      const value = LEAST_VALUE - Math.log(1 - random.next()) * MEAN_VALUE
      prices[trade] = price
      sizes[trade] = sizeOf(value, price, listing)
      sells[trade] = random.next() < 0.5 ? 1 : 0
    }
    return { firstId: firstId + (before[minute % 60] as number), offsetsUs, prices, sizes, sells }
  }
  return { count, trades, firstPrice: steps(listing.startPrice) }
}

function sizeOf(value: number, priceSteps: number, { priceDigits, sizeDigits }: Listing): number {
  const size = Math.floor((value / priceSteps) * 10 ** (priceDigits + sizeDigits))
  return Math.min(MOST_STEPS, Math.max(1, size))
}

/** Moments inside a minute, µs, growing, no two alike. */
export function timesOf(count: number, next: () => number): Float64Array {
  const times = new Float64Array(count)
  for (let i = 0; i < count; i++) times[i] = Math.floor(next() * (MINUTE_US - 1))
  times.sort()
  for (let i = 1; i < count; i++)
    if ((times[i] as number) <= (times[i - 1] as number)) times[i] = (times[i - 1] as number) + 1
  return times
}

/** A whole number as a sum of so many, none of them 0. */
export function sharesOf(total: number, count: number, next: () => number): Float64Array {
  const shares = new Float64Array(count)
  let left = total
  for (let i = 0; i < count; i++) {
    const others = count - i - 1
    const share = others === 0 ? left : Math.floor((2 * next() * (left - others)) / (others + 2))
    shares[i] = Math.max(1, share)
    left -= shares[i] as number
  }
  return shares
}

function keptPlans(make: (hour: number) => HourPlan): (hour: number) => HourPlan {
  const kept = new Map<number, HourPlan>()
  return (hour) => {
    const known = kept.get(hour)
    if (known) return known
    if (kept.size >= KEPT_HOURS) kept.delete(kept.keys().next().value as number)
    const plan = make(hour)
    kept.set(hour, plan)
    return plan
  }
}
