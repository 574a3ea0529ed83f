import { flatAfter } from '../delivery/quiet.ts'
import type { SettlingRules } from '../exchange/mapper.ts'
import { type SettledRow, type Settling, settleRow } from '../finality/index.ts'
import type { CandleRow } from '../record/index.ts'
import { MINUTE_MS } from './minute-ranges.ts'
import { SETTLED_MS } from './retry.ts'

/** Further back than any clock is off, the newest row of an answer is a row like any other, ms. */
const CLOCKS_AGREE_MS = 120 * MINUTE_MS

/**
 * What the rows of one answer, in order of time, give to land: finals by the exchange's clock, and the quiet minutes
 * between them where it leaves them out.
 *
 * The newest row may still run. It is final only long after its end, so that an exchange (or a proxy) whose Date is
 * an hour ahead of its candles makes no running candle final.
 *
 * @param askedAtMs by the exchange's clock, not later than the truth; undefined: nothing is final
 */
export function settleRows(
  rows: readonly CandleRow[],
  { rules, askedAtMs }: { readonly rules: SettlingRules; readonly askedAtMs: number | undefined },
): SettledRow<CandleRow>[] {
  const settledMs = settledBefore(rows.at(-1), askedAtMs)
  const landed: SettledRow<CandleRow>[] = []
  let settling: Settling<CandleRow> | undefined
  for (const row of rows) {
    const isFinal = row.startMs + row.intervalMs + SETTLED_MS <= settledMs
    const step = settleRow(settling, { ...row, isFinal }, { ...rules, flat: flatAfter })
    landed.push(...step.landed)
    settling = step.settling
  }
  return landed
}

function settledBefore(newest: CandleRow | undefined, askedAtMs: number | undefined): number {
  if (!newest || askedAtMs === undefined) return Number.NEGATIVE_INFINITY
  const endMs = newest.startMs + newest.intervalMs
  return askedAtMs - endMs > CLOCKS_AGREE_MS ? askedAtMs : Math.min(askedAtMs, endMs + SETTLED_MS - 1)
}
