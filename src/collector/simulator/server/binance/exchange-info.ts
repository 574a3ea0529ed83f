import { decimalOf } from '../../market/decimal.ts'
import type { Listing } from '../../market/listing.ts'

/** What the answer to `GET /api/v3/exchangeInfo` holds. */
export function exchangeInfo(listings: readonly Listing[], atMs: number, weightPerMinute: number): unknown {
  return {
    timezone: 'UTC',
    serverTime: Math.floor(atMs),
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: weightPerMinute },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 100 },
      { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 6100 },
    ],
    exchangeFilters: [],
    symbols: listings.map(symbolInfo),
  }
}

function symbolInfo({ nativeSymbol, base, quote, priceDigits, sizeDigits, listedToMs }: Listing): unknown {
  const tickSize = decimalOf(1, priceDigits)
  const stepSize = decimalOf(1, sizeDigits)
  return {
    symbol: nativeSymbol,
    status: listedToMs === undefined ? 'TRADING' : 'BREAK',
    baseAsset: base,
    baseAssetPrecision: 8,
    quoteAsset: quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT_LIMIT'],
    icebergAllowed: true,
    ocoAllowed: true,
    quoteOrderQtyMarketAllowed: true,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: tickSize, maxPrice: '1000000.00000000', tickSize },
      { filterType: 'LOT_SIZE', minQty: stepSize, maxQty: '9000000000.00000000', stepSize },
      { filterType: 'MIN_NOTIONAL', minNotional: '1.00000000', applyToMarket: true, avgPriceMins: 5 },
      { filterType: 'ICEBERG_PARTS', limit: 10 },
      { filterType: 'MAX_NUM_ORDERS', maxNumOrders: 200 },
    ],
    permissions: ['SPOT'],
    permissionSets: [['SPOT']],
  }
}
