import type { Instrument } from '../base/index.ts'
import type { SourceTable } from '../warehouse/index.ts'

const column = (name: string, type: string) => ({ name, type, isNullable: true })

/** bronze.ohlcv_native as models/bronze declares it. */
export const candleTable: SourceTable = {
  schema: 'bronze',
  name: 'ohlcv_native',
  keyOrder: ['interval_start', 'symbol', 'exchange', 'quote_asset'],
  columns: [
    ...['exchange', 'native_symbol', 'symbol', 'quote_asset'].map((name) => column(name, 'text')),
    column('interval_seconds', 'integer'),
    column('interval_start', 'timestamp with time zone'),
    ...['open', 'high', 'low', 'close', 'volume', 'quote_volume', 'vwap'].map((name) =>
      column(name, 'double precision'),
    ),
    column('trade_count', 'bigint'),
    column('is_final', 'boolean'),
    ...['proof', 'source'].map((name) => column(name, 'text')),
    ...['event_at', 'received_at'].map((name) => column(name, 'timestamp with time zone')),
    column('feed_id', 'text'),
    column('sequence', 'bigint'),
    column('row', 'integer'),
    column('loaded_at', 'timestamp with time zone'),
    column('load_id', 'bigint'),
    column('landing_file', 'text'),
    column('landing_line', 'bigint'),
  ],
}

const lineage = [
  column('loaded_at', 'timestamp with time zone'),
  column('load_id', 'bigint'),
  column('landing_file', 'text'),
  column('landing_line', 'bigint'),
]

/** bronze.market_ticks likewise. */
export const tickTable: SourceTable = {
  schema: 'bronze',
  name: 'market_ticks',
  keyOrder: ['received_at', 'symbol', 'exchange', 'quote_asset'],
  columns: [
    ...['exchange', 'native_symbol', 'symbol', 'quote_asset'].map((name) => column(name, 'text')),
    ...['price', 'bid', 'ask', 'last', 'open', 'high', 'low', 'base_volume', 'quote_volume'].map((name) =>
      column(name, 'double precision'),
    ),
    ...['exchange_at', 'received_at'].map((name) => column(name, 'timestamp with time zone')),
    column('feed_id', 'text'),
    column('sequence', 'bigint'),
    column('row', 'integer'),
    column('sampled', 'boolean'),
    ...lineage,
  ],
}

/** bronze.connection_events likewise. */
export const eventTable: SourceTable = {
  schema: 'bronze',
  name: 'connection_events',
  keyOrder: ['event_at', 'exchange', 'feed_id'],
  columns: [
    ...['exchange', 'feed_id', 'symbol', 'event'].map((name) => column(name, 'text')),
    column('event_at', 'timestamp with time zone'),
    column('attempt', 'integer'),
    column('cause', 'text'),
    column('details', 'jsonb'),
    ...lineage,
  ],
}

/** bronze.feed_uptime likewise. */
export const uptimeTable: SourceTable = {
  schema: 'bronze',
  name: 'feed_uptime',
  keyOrder: ['up_from', 'exchange', 'feed_id'],
  columns: [
    ...['exchange', 'feed_id', 'channel', 'symbol'].map((name) => column(name, 'text')),
    ...['up_from', 'up_to'].map((name) => column(name, 'timestamp with time zone')),
    column('cause', 'text'),
    ...lineage,
  ],
}

/** bronze.instrument likewise. */
export const instrumentTable: SourceTable = {
  schema: 'bronze',
  name: 'instrument',
  keyOrder: ['exchange', 'symbol', 'quote_asset', 'listed_from'],
  columns: [
    ...['exchange', 'native_symbol', 'symbol', 'quote_asset'].map((name) => column(name, 'text')),
    column('multiplier', 'double precision'),
    column('market_type', 'text'),
    ...['listed_from', 'listed_to'].map((name) => column(name, 'timestamp with time zone')),
    column('renamed_from', 'text'),
    column('is_expected', 'boolean'),
    column('first_seen_at', 'timestamp with time zone'),
  ],
}

/** A spot instrument, listed for ever. */
export function anInstrument(overrides: Partial<Instrument> = {}): Instrument {
  return {
    exchange: 'kraken',
    nativeSymbol: 'BTC/USD',
    symbol: 'BTC-USD',
    quoteAsset: 'USD',
    multiplier: 1,
    marketType: 'spot',
    listedFromMs: undefined,
    listedToMs: undefined,
    renamedFrom: undefined,
    aliases: ['XBTUSD'],
    ...overrides,
  }
}
