import { fractionAt, mixed, randomFrom } from '../random.ts'

/** How many trades each minute of an hour has, and their ids. */
export interface HourPlan {
  /** Of the hour's first trade. */
  readonly firstId: number
  /** Trades before each minute, and in the end all of them: 61 numbers. */
  readonly before: Uint32Array
}

/** How much busier a busy minute is: the deviation of the logarithm. */
const BURSTINESS = 0.6

/**
 * The plan of an hour (hours since the epoch) of a listing with `rate` trades per minute.
 *
 * Ids are consecutive through all hours without counting them: trades before an hour are a formula, in which each
 * border between hours is shifted by less than half an hour's worth.
 */
export function hourPlan(seed: number, rate: number, hour: number): HourPlan {
  const firstId = tradesBefore(seed, rate, hour)
  const count = tradesBefore(seed, rate, hour + 1) - firstId
  const random = randomFrom(mixed(seed ^ 0x5eed, hour))
  const borders = new Float64Array(60)
  let total = 0
  for (let minute = 0; minute < 60; minute++) {
    total += Math.exp(BURSTINESS * random.normal())
    borders[minute] = total
  }
  const before = new Uint32Array(61)
  for (let trade = 0; trade < count; trade++) {
    const minute = minuteAt(borders, random.next() * total)
    before[minute + 1] = (before[minute + 1] as number) + 1
  }
  for (let minute = 1; minute <= 60; minute++)
    before[minute] = (before[minute] as number) + (before[minute - 1] as number)
  return { firstId, before }
}

/** Ids begin with 1. */
function tradesBefore(seed: number, rate: number, hour: number): number {
  return 1 + Math.floor(rate * 60 * hour + fractionAt(seed, hour) * rate * 30)
}

function minuteAt(borders: Float64Array, value: number): number {
  let [low, high] = [0, 59]
  while (low < high) {
    const middle = (low + high) >> 1
    if (value < (borders[middle] as number)) high = middle
    else low = middle + 1
  }
  return low
}
