import type { Instrument } from '../../../base/index.ts'
import type { HistoricCandle } from './candle-trades.ts'

/** What an instrument needs to trade as its history did. */
export interface HistoricListing extends Instrument {
  readonly priceDigits: number
  readonly sizeDigits: number
  readonly startPrice: number
  readonly tradesPerMinute: number
}

const MOST_DIGITS = 8
const MOST_STEPS = 9_000_000_000_000_000

/** An instrument with the digits and the rhythm of its history. */
export function historicListing(instrument: Instrument, candles: readonly HistoricCandle[]): HistoricListing {
  const most = candles.reduce((volume, candle) => Math.max(volume, candle.volume), 1)
  const trades = candles.reduce((sum, { tradeCount }) => sum + (tradeCount || 0), 0)
  return {
    ...instrument,
    priceDigits: candles.reduce((digits, candle) => Math.max(digits, digitsOf(candle)), 1),
    sizeDigits: Math.min(MOST_DIGITS, Math.floor(Math.log10(MOST_STEPS / most))),
    startPrice: candles[0]?.open ?? 1,
    tradesPerMinute: Math.max(0.01, trades / candles.length),
  }
}

/** Digits after the point of a candle's prices. */
function digitsOf({ open, high, low, close }: HistoricCandle): number {
  const digits = [open, high, low, close].map((price) => {
    const [, decimals = ''] = price.toFixed(MOST_DIGITS).replace(/0+$/, '').split('.')
    return decimals.length
  })
  return Math.max(...digits)
}
