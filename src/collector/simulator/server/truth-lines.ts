import type { TrueCandle } from '../day/market.ts'

const HEADER =
  'exchange,symbol,native_symbol,quote_asset,interval_start,open,high,low,close,volume,quote_volume,vwap,trade_count'

/** Candles as lines of CSV (with a header) or JSON, without line ends. What an exchange does not report is empty, or null. */
export function* truthLines(candles: Iterable<TrueCandle>, format: 'csv' | 'json'): Generator<string> {
  if (format === 'csv') yield HEADER
  for (const candle of candles) {
    const row = rowOf(candle)
    yield format === 'json'
      ? JSON.stringify(row)
      : Object.values(row)
          .map((value) => value ?? '')
          .join(',')
  }
}

/** In the order of the header. A quiet minute has no average price, whatever the exchange writes. */
function rowOf({ instrument, startMs, ...candle }: TrueCandle) {
  return {
    exchange: instrument.exchange,
    symbol: instrument.symbol,
    native_symbol: instrument.nativeSymbol,
    quote_asset: instrument.quoteAsset,
    interval_start: new Date(startMs).toISOString(),
    open: candle.open,
    high: candle.high,
    low: candle.low,
    close: candle.close,
    volume: candle.volume,
    quote_volume: candle.quoteVolume ?? null,
    vwap: candle.tradeCount === 0 ? null : (candle.vwap ?? null),
    trade_count: candle.tradeCount,
  }
}
