import type { TrueCandle } from '../../day/market.ts'
import { candleOf } from '../../market/candle.ts'
import { decimalOf, rescaled } from '../../market/decimal.ts'
import { closeOf, type Minute } from '../../market/minute.ts'
import { quantity } from './tickers.ts'

/** Payload of a kline frame, after the first `count` trades of its minute. */
export function klinePayload(
  minute: Minute,
  { count, isFinal, atMs }: { readonly count: number; readonly isFinal: boolean; readonly atMs: number },
): string {
  const { startMs, firstId, listing } = minute
  const { nativeSymbol } = listing
  const candle = candleOf(minute, count)
  const [first, last] = count === 0 ? [-1, -1] : [firstId, firstId + count - 1]
  const taker = takerBuys(minute, count)
  return `{"e":"kline","E":${Math.floor(atMs)},"s":"${nativeSymbol}","k":{"t":${startMs},"T":${startMs + 59_999},"s":"${nativeSymbol}","i":"1m","f":${first},"L":${last},${prices(candle)},"v":"${candle.volume}","n":${count},"x":${isFinal},"q":"${candle.quoteVolume}","V":"${taker.volume}","Q":"${taker.value}","B":"0"}}`
}

function prices({ open, close, high, low }: TrueCandle): string {
  return `"o":"${open}","c":"${close}","h":"${high}","l":"${low}"`
}

/** What takers bought in the first `count` trades: base and quote. */
export function takerBuys(
  { listing, boughtVolumes, boughtValues }: Minute,
  count: number,
): { readonly volume: string; readonly value: string } {
  const { sizeDigits, priceDigits } = listing
  const last = count - 1
  return {
    volume: decimalOf(rescaled(boughtVolumes[last] ?? 0n, sizeDigits, 8), 8),
    value: decimalOf(rescaled(boughtValues[last] ?? 0n, sizeDigits + priceDigits, 8), 8),
  }
}

/** The best bid and ask after the first `count` trades. It has neither a type nor a time. */
export function bookTickerPayload(minute: Minute, count: number): string {
  const { nativeSymbol, priceDigits } = minute.listing
  const price = closeOf(minute, count)
  const zeros = '0'.repeat(8 - priceDigits)
  const bid = decimalOf(Math.max(1, price - 1), priceDigits) + zeros
  const ask = decimalOf(price + 1, priceDigits) + zeros
  const updateId = minute.firstId + count
  return `{"u":${updateId},"s":"${nativeSymbol}","b":"${bid}","B":"${quantity(updateId)}","a":"${ask}","A":"${quantity(updateId + 1)}"}`
}
