/** What a delivery holds of one symbol: its newest row. Plain JSON. */
export interface HeldRow {
  readonly startMs: number
  /** Decimal texts in the exchange's units, as in the row; the count undefined: not reported. */
  readonly volume: string
  readonly tradeCount: string | undefined
}

/** A row of an answer about the same symbol. */
interface AnsweredRow {
  readonly startMs: number
  readonly prices: { readonly volume: string; readonly tradeCount: string | undefined }
}

/**
 * Whether an answer says that nothing was traded beyond the row that is held: the same interval has as many trades
 * there, and no later one has any. The interval must be in the answer: its own minute may have gone on after the row.
 * Where no row is held, none can be closed.
 */
export function isAllHeld(held: HeldRow | undefined, answered: readonly AnsweredRow[]): boolean {
  if (held === undefined) return true
  const same = answered.find(({ startMs }) => startMs === held.startMs)
  if (same === undefined || !isSame(held, same.prices)) return false
  return answered.every(({ startMs, prices }) => startMs <= held.startMs || Number(prices.volume) === 0)
}

/** Rows are cumulative: as many trades are the same trades. */
function isSame(held: HeldRow, prices: AnsweredRow['prices']): boolean {
  if (held.tradeCount !== undefined && prices.tradeCount !== undefined) {
    return Number(held.tradeCount) === Number(prices.tradeCount)
  }
  return Number(held.volume) === Number(prices.volume)
}
