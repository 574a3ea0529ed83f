import type { CandleRow } from '../record/index.ts'

/** The flat candle of a minute without a trade after `last`: nothing the exchange wrote, so no raw and no time of its own. */
export function flatAfter(last: CandleRow, startMs: number): CandleRow {
  const { close } = last.prices
  const prices = {
    open: close,
    high: close,
    low: close,
    close,
    volume: '0',
    quoteVolume: undefined,
    vwap: undefined,
    tradeCount: '0',
  }
  return { ...last, startMs, isFinal: true, prices, eventAt: undefined, raw: '' }
}
