import type { SourceTable } from '../../warehouse/index.ts'
import type { FeedEvent, FeedUptime, RecordKind, Tick } from '../formats/index.ts'
import { type CandleEncoder, createCandleEncoder } from './candle-encoder.ts'
import { type Cell, type CellEncoder, createCellEncoder } from './row-encoder.ts'

/** What turns the records of each kind into rows. */
export interface Encoders extends Record<RecordKind, unknown> {
  readonly candles: CandleEncoder
  readonly ticks: CellEncoder<Tick>
  readonly connection_events: CellEncoder<FeedEvent>
  readonly feed_uptime: CellEncoder<FeedUptime>
}

/** Makes the encoder of a kind for its table. They throw {KxError} KX_COLUMNS_DIFFER. */
export const createEncoder: {
  readonly [Kind in RecordKind]: (table: SourceTable) => Encoders[Kind]
} = {
  candles: createCandleEncoder,
  ticks: (table) => createCellEncoder(table, tickCells),
  connection_events: (table) => createCellEncoder(table, eventCells),
  feed_uptime: (table) => createCellEncoder(table, uptimeCells),
}

const tickCells: readonly Cell<Tick>[] = [
  { name: 'exchange', type: 'text', of: (tick) => tick.exchange },
  { name: 'native_symbol', type: 'text', of: (tick) => tick.nativeSymbol },
  { name: 'symbol', type: 'text', of: (tick) => tick.symbol },
  { name: 'quote_asset', type: 'text', of: (tick) => tick.quoteAsset },
  { name: 'price', type: 'double', of: (tick) => tick.price },
  { name: 'bid', type: 'double', of: (tick) => tick.bid },
  { name: 'ask', type: 'double', of: (tick) => tick.ask },
  { name: 'last', type: 'double', of: (tick) => tick.last },
  { name: 'open', type: 'double', of: (tick) => tick.open },
  { name: 'high', type: 'double', of: (tick) => tick.high },
  { name: 'low', type: 'double', of: (tick) => tick.low },
  { name: 'base_volume', type: 'double', of: (tick) => tick.baseVolume },
  { name: 'quote_volume', type: 'double', of: (tick) => tick.quoteVolume },
  { name: 'exchange_at', type: 'time', of: (tick) => tick.exchangeAtUs },
  { name: 'received_at', type: 'time', of: (tick) => tick.receivedAtUs },
  { name: 'feed_id', type: 'text', of: (tick) => tick.feedId },
  { name: 'sequence', type: 'whole', of: (tick) => tick.sequence },
  { name: 'row', type: 'whole', of: (tick) => tick.row },
  { name: 'sampled', type: 'boolean', of: (tick) => tick.isSampled },
]

const eventCells: readonly Cell<FeedEvent>[] = [
  { name: 'exchange', type: 'text', of: (event) => event.exchange },
  { name: 'feed_id', type: 'text', of: (event) => event.feedId },
  { name: 'symbol', type: 'text', of: (event) => event.symbol },
  { name: 'event', type: 'text', of: (event) => event.event },
  { name: 'event_at', type: 'time', of: (event) => event.atUs },
  { name: 'attempt', type: 'whole', of: (event) => event.attempt },
  { name: 'cause', type: 'text', of: (event) => event.cause },
  { name: 'details', type: 'json', of: (event) => event.details },
]

const uptimeCells: readonly Cell<FeedUptime>[] = [
  { name: 'exchange', type: 'text', of: (uptime) => uptime.exchange },
  { name: 'feed_id', type: 'text', of: (uptime) => uptime.feedId },
  { name: 'channel', type: 'text', of: (uptime) => uptime.channel },
  { name: 'symbol', type: 'text', of: (uptime) => uptime.symbol },
  { name: 'up_from', type: 'time', of: (uptime) => uptime.fromUs },
  { name: 'up_to', type: 'time', of: (uptime) => uptime.toUs },
  { name: 'cause', type: 'text', of: (uptime) => uptime.cause },
]
