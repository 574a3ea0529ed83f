import type { DayFigures } from '../../market/day-figures.ts'
import { decimalOf, trimmed } from '../../market/decimal.ts'
import { followTrades, positionNow, type Stream } from '../stream.ts'
import type { SubscriptionOptions } from './ohlc-stream.ts'
import { isoMicros } from './rows.ts'

/** Channel `ticker` of a symbol: a snapshot, then an update with each trade. */
export function streamTicker({ venue, listing, hasSnapshot, send }: SubscriptionOptions): Stream {
  const symbol = listing.nativeSymbol
  const market = { channel: 'ticker', symbol, startsMs: [], isLast: false, isClosing: false } as const
  const say = (type: 'snapshot' | 'update', figures = venue.figures(listing, venue.now())) => {
    const row = tickerRow(figures, venue.now())
    send({ text: `{"channel":"ticker","type":"${type}","data":[${row}]}`, market })
  }
  if (hasSnapshot) say('snapshot')
  return {
    stop: followTrades(venue, listing, positionNow(venue, listing), () => say('update')),
    burst: (frames) => {
      const figures = venue.figures(listing, venue.now())
      for (let frame = 1; frame <= frames; frame++) say('update', { ...figures, last: figures.last + frame })
    },
  }
}

function tickerRow({ minute, last, open, high, low, volume, quoteVolume }: DayFigures, atMs: number): string {
  const { nativeSymbol, priceDigits } = minute.listing
  const price = (steps: number) => trimmed(decimalOf(steps, priceDigits))
  const average = volume > 0 ? trimmed((quoteVolume / volume).toFixed(priceDigits)) : price(last)
  const change = ((last - open) / 10 ** priceDigits).toFixed(priceDigits)
  const percent = (((last - open) / open) * 100).toFixed(2)
  return `{"symbol":"${nativeSymbol}","bid":${price(Math.max(1, last - 1))},"bid_qty":1.5,"ask":${price(last + 1)},"ask_qty":0.25,"last":${price(last)},"volume":${trimmed(volume.toFixed(8))},"vwap":${average},"low":${price(low)},"high":${price(high)},"change":${change},"change_pct":${percent},"timestamp":"${isoMicros(atMs)}"}`
}
