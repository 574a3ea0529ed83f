import { fractionAt, mixed, seedOf } from '../random.ts'
import { isDollar, type Listing } from './listing.ts'

/** The finest wave's size, as a share of the price; each next is twice as long and √2 as high, like a random walk. */
const STEP = 0.0005
const DOLLAR_STEP = 0.00002
/** The longest wave: 2^14 minutes, eleven days. */
const WAVES = 15

/**
 * The fair price of a listing at a moment, in minutes since the epoch: a walk that is the same for a coin on all
 * exchanges, and can be asked for anywhere in any order.
 */
export function fairPriceOf(listing: Listing, seed: number): (minute: number) => number {
  const walkSeed = seedOf(seed, `${listing.base} ${isDollar(listing.quote) ? 'USD' : listing.quote}`)
  const step = isDollar(listing.base) ? DOLLAR_STEP : STEP
  const seeds = Array.from({ length: WAVES }, (_, wave) => mixed(walkSeed, wave))
  return (minute) => {
    let logarithm = 0
    for (let wave = 0; wave < WAVES; wave++) {
      const length = 2 ** wave
      const at = Math.floor(minute / length)
      const share = minute / length - at
      const seedOfWave = seeds[wave] as number
      const from = fractionAt(seedOfWave, at) - 0.5
      const to = fractionAt(seedOfWave, at + 1) - 0.5
      logarithm += step * Math.SQRT2 ** wave * (from + (to - from) * share)
    }
    return listing.startPrice * Math.exp(logarithm)
  }
}
