import {
  breakSettling,
  type DeliveryRules,
  type SettledRow,
  type Settling,
  settleRow,
} from '../finality/index.ts'
import type { CandleRow } from '../record/index.ts'

/** What a connection has told of one symbol so far. */
export interface Heard {
  readonly settling: Settling<CandleRow>
  /** The row that the last one closed. */
  readonly closed: CandleRow | undefined
}

/** Longer silence than this proves nothing: rather ask REST than trust a row that may be out of place. */
const MOST_SILENCE_MS = 24 * 3_600_000

/** What a row gives to land, and what is known after it. */
export function hearRow(
  before: Heard | undefined,
  row: CandleRow,
  rules: DeliveryRules<CandleRow>,
): { readonly landed: readonly SettledRow<CandleRow>[]; readonly heard: Heard } {
  if (!rules.doesNextClose || before === undefined) {
    const { landed, settling } = settleRow(before?.settling, row, rules)
    return { landed, heard: { settling, closed: undefined } }
  }
  if (isCorrection(before, row)) return correct(before, row, rules)
  const isTooLate = row.startMs - before.settling.last.startMs > MOST_SILENCE_MS
  const known = isTooLate ? breakHeard(before) : before
  const { landed, settling } = settleRow(known.settling, row, rules)
  const closing = landed.length > 1 ? known.settling.last : undefined
  const isMovedOn = row.startMs > before.settling.last.startMs
  const heard = { settling, closed: isMovedOn ? closing : known.closed }
  return { landed, heard: isStale(before.settling.last, row) ? breakHeard(heard) : heard }
}

/** What is known after something was lost. */
export function breakHeard({ settling }: Heard): Heard {
  return { settling: breakSettling(settling) ?? settling, closed: undefined }
}

/**
 * Whether `row` says less of the same minute than was known: for one candle sums and high only grow, low only
 * falls. Then order, or one of the two, cannot be trusted.
 */
function isStale(last: CandleRow, row: CandleRow): boolean {
  if (row.startMs !== last.startMs) return false
  const [before, now] = [last.prices, row.prices]
  return (
    isLess(now.open, before.open) ||
    isLess(before.open, now.open) ||
    isLess(now.volume, before.volume) ||
    isLess(now.high, before.high) ||
    isLess(before.low, now.low) ||
    tradesOf(row) < tradesOf(last)
  )
}

/** Whether `row` comes late for a minute that is closed already, and saw more trades than what closed it. */
function isCorrection({ settling, closed }: Heard, row: CandleRow): boolean {
  if (closed === undefined || row.startMs >= settling.last.startMs || row.startMs < closed.startMs)
    return false
  return row.startMs > closed.startMs || tradesOf(row) > tradesOf(closed)
}

/** The minute is over by what came after it, so the late row is as final as the one it replaces: more trades win. */
function correct(before: Heard, row: CandleRow, rules: DeliveryRules<CandleRow>) {
  const { settling } = settleRow(before.settling, row, rules)
  return { landed: [{ row, isFinal: true, proof: 'sent' } as const], heard: { settling, closed: row } }
}

function tradesOf({ prices }: CandleRow): number {
  return Number(prices.tradeCount ?? Number.NaN)
}

/** Most texts of one candle repeat: only those that differ are read as numbers. */
function isLess(one: string, other: string): boolean {
  return one !== other && Number(one) < Number(other)
}
