import type { DayFigures } from '../../market/day-figures.ts'
import { decimalOf } from '../../market/decimal.ts'
import { isDollar, type Listing } from '../../market/listing.ts'
import { altnameOf, assetCodeOf, namesOf } from './names.ts'

/** An entry of `GET /0/public/AssetPairs`. */
export function assetPair(listing: Listing): unknown {
  const { altname, wsname, baseAsset, quoteAsset } = namesOf(listing)
  return {
    altname,
    wsname,
    aclass_base: 'currency',
    base: baseAsset,
    aclass_quote: 'currency',
    quote: quoteAsset,
    lot: 'unit',
    cost_decimals: 5,
    pair_decimals: listing.priceDigits,
    lot_decimals: listing.sizeDigits,
    lot_multiplier: 1,
    leverage_buy: [],
    leverage_sell: [],
    fees: [[0, 0.4]],
    fees_maker: [[0, 0.25]],
    fee_volume_currency: 'ZUSD',
    margin_call: 80,
    margin_stop: 40,
    ordermin: '0.00005',
    costmin: '0.5',
    tick_size: decimalOf(1, listing.priceDigits),
    status: listing.listedToMs === undefined ? 'online' : 'cancel_only',
    execution_venue: 'international',
  }
}

/** What `GET /0/public/Assets` holds of the assets of `listings`. */
export function assets(listings: readonly Listing[]): unknown {
  const names = new Set(listings.flatMap(({ base, quote }) => [base, quote]))
  return Object.fromEntries(
    [...names].map((name) => {
      const [decimals, shown] = name === 'USD' ? [4, 2] : isDollar(name) ? [8, 4] : [10, 5]
      const asset = { aclass: 'currency', altname: altnameOf(name), decimals, display_decimals: shown }
      return [assetCodeOf(name), { ...asset, status: 'enabled' }]
    }),
  )
}

/** An entry of `GET /0/public/Ticker`. */
export function tickerEntry(figures: DayFigures): unknown {
  const { minute, last, open, high, low, volume, quoteVolume, firstId, lastId } = figures
  const { priceDigits } = minute.listing
  const price = (steps: number) => decimalOf(steps, priceDigits)
  const average = volume > 0 ? (quoteVolume / volume).toFixed(priceDigits) : price(last)
  const both = (value: unknown) => [value, value]
  return {
    a: [price(last + 1), '1', '1.000'],
    b: [price(Math.max(1, last - 1)), '1', '1.000'],
    c: [price(last), '0.10000000'],
    v: both(volume.toFixed(8)),
    p: both(average),
    t: both(lastId - firstId + 1),
    l: both(price(low)),
    h: both(price(high)),
    o: price(open),
  }
}
