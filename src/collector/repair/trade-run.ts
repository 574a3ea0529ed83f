import type { Trade, TradesPage } from '../exchange/mapper.ts'
import { MINUTE_MS, minuteOf } from './minute-ranges.ts'

/** Trades of one instrument, page after page without a hole. */
export interface TradeRun {
  /** Takes the next page; gives how many of its trades are new. */
  take(page: TradesPage): number
  /**
   * Trades to make candles of: those of the newest minute, which may go on, of the one before it with a trade, and
   * of all that were not given before. So silence between any two can be proven.
   */
  next(): readonly Trade[]
  /** Of the newest trade, ms; -Infinity: none yet. */
  newestMs(): number
}

/** A run of which no page was read yet. */
export function createTradeRun(): TradeRun {
  let trades: readonly Trade[] = []
  const newestOf = (some: readonly Trade[]) =>
    some.reduce((newest, { atMs }) => Math.max(newest, atMs), Number.NEGATIVE_INFINITY)
  return {
    take(page) {
      const ids = new Set(trades.map(({ id }) => id))
      const fresh = page.trades.filter(({ id }) => !ids.has(id))
      trades = [...trades, ...fresh]
      return fresh.length
    },
    next() {
      const given = trades
      const newestMs = minuteOf(newestOf(trades))
      const beforeMs = newestOf(trades.filter(({ atMs }) => atMs < newestMs))
      trades = trades.filter(({ atMs }) => atMs >= Math.min(minuteOf(beforeMs), newestMs))
      return given
    },
    newestMs: () => newestOf(trades),
  }
}

/** How far before a minute trades are read: a quiet minute needs the close before it, ms. Tried in turn. */
export const LEADS_MS: readonly number[] = [10 * MINUTE_MS, 120 * MINUTE_MS, 1440 * MINUTE_MS]
