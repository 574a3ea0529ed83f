import type { Trade, TradesPage } from '../exchange/mapper.ts'
import { MINUTE_MS, minuteOf } from './minute-ranges.ts'

/** Trades of one instrument, page after page without a hole. */
export interface TradeRun {
  /** Takes the next page; gives how many of its trades are new, undefined: they are out of order. */
  take(page: TradesPage): number | undefined
  /**
   * Trades to make candles of: those of the newest minute, which may go on, of the one before it with a trade, and
   * of all that were not given before. So silence between any two can be proven.
   */
  next(): readonly Trade[]
  /** Of the newest trade, ms; undefined: none yet. */
  newestMs(): number | undefined
}

/** A run of which no page was read yet. */
export function createTradeRun(): TradeRun {
  let trades: Trade[] = []
  let lastIds: ReadonlySet<string> = new Set()
  return {
    take(page) {
      const fresh = page.trades.filter(({ id }) => !lastIds.has(id))
      const all = [...trades.slice(-1), ...fresh]
      if (all.some(({ atMs }, i) => atMs < (all[i - 1]?.atMs ?? 0))) return undefined
      lastIds = new Set(page.trades.map(({ id }) => id))
      trades.push(...fresh)
      return fresh.length
    },
    next() {
      const given = trades
      const newestMs = minuteOf(trades.at(-1)?.atMs ?? 0)
      const before = trades.findLast(({ atMs }) => atMs < newestMs)
      trades = trades.filter(({ atMs }) => atMs >= minuteOf(before?.atMs ?? newestMs))
      return given
    },
    newestMs: () => trades.at(-1)?.atMs,
  }
}

/** How far before a minute trades are read: a quiet minute needs the close before it, ms. Tried in turn. */
export const LEADS_MS: readonly number[] = [10 * MINUTE_MS, 120 * MINUTE_MS, 1440 * MINUTE_MS]
