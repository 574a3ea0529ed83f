import type { TrueCandle } from '../../day/market.ts'
import { candleOf } from '../../market/candle.ts'
import { decimalOf } from '../../market/decimal.ts'
import { closeOf, type Minute } from '../../market/minute.ts'

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

/** Volumes bought by takers, of the first `count` trades. */
export function takerBuys(
  { listing, prices, sizes, sells }: Minute,
  count: number,
): { readonly volume: string; readonly value: string } {
  let [volume, value] = [0n, 0n]
  for (let trade = 0; trade < count; trade++) {
    if (sells[trade] === 1) continue
    const size = BigInt(sizes[trade] as number)
    volume += size
    value += size * BigInt(prices[trade] as number)
  }
  const { sizeDigits, priceDigits } = listing
  return {
    volume: decimalOf(volume * 10n ** BigInt(8 - sizeDigits), 8),
    value: decimalOf(value * 10n ** BigInt(8 - sizeDigits - priceDigits), 8),
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

/** A size at the top of the book: any, but always the same for the same update. */
function quantity(updateId: number): string {
  return decimalOf(100_000 + ((updateId * 7919) % 9_900_000), 5).padEnd(10, '0')
}
