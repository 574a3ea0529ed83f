import type { SourceTable } from '../../warehouse/index.ts'
import type { Candle } from '../formats/index.ts'
import { type CellWriter, createCellWriter } from './cell-writer.ts'
import type { RowEncoder } from './row-encoder.ts'
import { type ColumnSizes, lineageColumns, type RowColumn, readLayout } from './row-layout.ts'

/** What the candles of one file and one load have in common. */
export interface SharedFields {
  readonly exchange: string
  readonly nativeSymbol: string
  readonly symbol: string
  readonly quoteAsset: string
  readonly intervalMs: number
  readonly source: string
  readonly feedId: string | undefined
  readonly loadedAtUs: number
  readonly loadId: number
  readonly landingFile: string
}

/** Turns candles into rows of COPY. What they share is encoded once. */
export interface CandleEncoder extends RowEncoder {
  /** Says what the next rows share; cheap to call again for the same object. */
  share(fields: SharedFields): void
  append(candle: Candle, line: number): void
}

/** The columns that rows of a file share. */
const sharedColumns = [
  { name: 'exchange', type: 'text' },
  { name: 'native_symbol', type: 'text' },
  { name: 'symbol', type: 'text' },
  { name: 'quote_asset', type: 'text' },
  { name: 'interval_seconds', type: 'whole' },
  { name: 'source', type: 'text' },
  { name: 'feed_id', type: 'text' },
  ...lineageColumns.slice(0, 3),
] as const satisfies readonly RowColumn[]

/** The columns that differ from row to row. */
const ownColumns = [
  { name: 'interval_start', type: 'time' },
  { name: 'open', type: 'double' },
  { name: 'high', type: 'double' },
  { name: 'low', type: 'double' },
  { name: 'close', type: 'double' },
  { name: 'volume', type: 'double' },
  { name: 'quote_volume', type: 'double' },
  { name: 'vwap', type: 'double' },
  { name: 'trade_count', type: 'whole' },
  { name: 'is_final', type: 'boolean' },
  { name: 'proof', type: 'text' },
  { name: 'event_at', type: 'time' },
  { name: 'received_at', type: 'time' },
  { name: 'sequence', type: 'whole' },
  { name: 'row', type: 'whole' },
  ...lineageColumns.slice(3),
] as const satisfies readonly RowColumn[]

const columns: readonly RowColumn[] = [...sharedColumns, ...ownColumns]
/** 16 lengths, 7 doubles, 3 times, 4 integers, a flag and a proof. */
const OWN_BYTES = 16 * 4 + 7 * 8 + 3 * 8 + 4 * 8 + 1 + 7

const proofCells = {
  sent: Buffer.from('\0\0\0\x04sent'),
  silence: Buffer.from('\0\0\0\x07silence'),
  none: Buffer.from('ffffffff', 'hex'),
}

/** An encoder for the table of candles. @throws {KxError} KX_COLUMNS_DIFFER */
export function createCandleEncoder(table: SourceTable): CandleEncoder {
  const sizeOf = readLayout(table, columns)
  const sizes = {
    tradeCount: sizeOf('trade_count'),
    sequence: sizeOf('sequence'),
    row: sizeOf('row'),
    line: sizeOf('landing_line'),
  }
  const cells = createCellWriter()
  const prefixCells = createCellWriter()
  let prefix: Buffer = Buffer.alloc(0)
  let shared: SharedFields | undefined
  return {
    columns: columns.map(({ name }) => name),
    isFull: cells.isFull,
    take: cells.take,
    share(fields) {
      if (fields === shared) return
      shared = fields
      writePrefix(prefixCells, fields, sizeOf)
      prefix = prefixCells.take()
    },
    append(candle, line) {
      cells.row(columns.length, prefix.length + OWN_BYTES)
      cells.cells(prefix)
      cells.time(candle.startMs * 1000)
      cells.double(candle.open)
      cells.double(candle.high)
      cells.double(candle.low)
      cells.double(candle.close)
      cells.double(candle.volume)
      cells.double(candle.quoteVolume)
      cells.double(candle.vwap)
      cells.whole(candle.tradeCount, sizes.tradeCount)
      cells.boolean(candle.isFinal)
      cells.cells(proofCells[candle.proof ?? 'none'])
      cells.time(candle.eventAtUs)
      cells.time(candle.receivedAtUs)
      cells.whole(candle.sequence, sizes.sequence)
      cells.whole(candle.row, sizes.row)
      cells.whole(line, sizes.line)
    },
  }
}

function writePrefix(cells: CellWriter, fields: SharedFields, sizeOf: ColumnSizes): void {
  cells.text(fields.exchange)
  cells.text(fields.nativeSymbol)
  cells.text(fields.symbol)
  cells.text(fields.quoteAsset)
  cells.whole(fields.intervalMs / 1000, sizeOf('interval_seconds'))
  cells.text(fields.source)
  cells.text(fields.feedId)
  cells.time(fields.loadedAtUs)
  cells.whole(fields.loadId, sizeOf('load_id'))
  cells.text(fields.landingFile)
}
