/** Attempts before a feed counts as failed. It is tried for ever, but seldom from then on. */
export const ATTEMPT_BUDGET = 10
/** Between attempts of a failed feed, ms. */
const FAILED_EVERY_MS = 15 * 60_000
const FIRST_MS = 1_000
const MOST_MS = 60_000

/**
 * How long to wait before connecting again, ms: full jitter below 1, 2, 4 … 60 s, so that feeds that fell together
 * do not come back together; 15 minutes once the budget is spent.
 *
 * @param attempts connects in a row without a stable connection, from 1
 * @param random from 0 to below 1
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(attempts: number, random: number): number {
  if (attempts >= ATTEMPT_BUDGET) return FAILED_EVERY_MS
  return random * Math.min(MOST_MS, FIRST_MS * 2 ** (Math.max(1, attempts) - 1))
}
