import { SETTLED_AFTER_MS } from '../delivery/index.ts'
import type { CandleRow } from '../record/index.ts'
import { MINUTE_MS } from './minute-ranges.ts'

/** Further back than any clock is off, the newest row of an answer is a row like any other, ms. */
const CLOCKS_AGREE_MS = 120 * MINUTE_MS

/**
 * When an answer was asked for, as far as its own rows bear it out, ms. The newest row may still run: it is final
 * only long after its end, so that an exchange (or a proxy) whose Date is an hour ahead of its candles makes no
 * running candle final.
 *
 * @param askedAtMs by the exchange's clock, not later than the truth; undefined: nobody knows, nothing is final
 */
export function trustedTime(
  newest: Pick<CandleRow, 'startMs' | 'intervalMs'> | undefined,
  askedAtMs: number | undefined,
): number {
  if (!newest || askedAtMs === undefined) return Number.NEGATIVE_INFINITY
  const endMs = newest.startMs + newest.intervalMs
  return askedAtMs - endMs > CLOCKS_AGREE_MS ? askedAtMs : Math.min(askedAtMs, endMs + SETTLED_AFTER_MS - 1)
}
