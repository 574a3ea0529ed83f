import type { TrueCandle } from '../day/market.ts'
import { decimalOf, rescaled } from './decimal.ts'
import { closeOf, type Minute } from './minute.ts'

/** Both exchanges write volumes with eight digits; Binance prices as well. */
const VOLUME_DIGITS = 8

/** The candle of a minute after its first `count` trades (default: all), as its exchange writes it. */
export function candleOf(minute: Minute, count = minute.count): TrueCandle {
  const { listing, startMs, priceBefore } = minute
  const { priceDigits, sizeDigits } = listing
  const isKraken = listing.exchange === 'kraken'
  const zeros = isKraken ? '' : '0'.repeat(VOLUME_DIGITS - priceDigits)
  const price = (steps: number) => decimalOf(steps, priceDigits) + zeros
  const last = count - 1
  const volume = count === 0 ? 0n : (minute.volumes[last] as bigint)
  const value = count === 0 ? 0n : (minute.values[last] as bigint)
  return {
    instrument: listing,
    startMs,
    open: price(count === 0 ? priceBefore : (minute.prices[0] as number)),
    high: price(count === 0 ? priceBefore : (minute.highs[last] as number)),
    low: price(count === 0 ? priceBefore : (minute.lows[last] as number)),
    close: price(closeOf(minute, count)),
    volume: decimalOf(rescaled(volume, sizeDigits, VOLUME_DIGITS), VOLUME_DIGITS),
    quoteVolume: isKraken
      ? undefined
      : decimalOf(rescaled(value, priceDigits + sizeDigits, VOLUME_DIGITS), VOLUME_DIGITS),
    vwap: isKraken ? vwapOf(value, volume, priceDigits) : undefined,
    tradeCount: count,
  }
}

/** Rounded to a step of the price, as Kraken does. */
function vwapOf(value: bigint, volume: bigint, priceDigits: number): string {
  return volume === 0n ? '0.0' : decimalOf((value + volume / 2n) / volume, priceDigits)
}
