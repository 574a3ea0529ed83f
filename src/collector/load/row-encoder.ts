import type { Candle } from '../formats/index.ts'
import { type IntegerSizes, ownColumns, sharedColumns } from './row-layout.ts'

/** What the rows of one file and one load have in common. */
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

/** Turns candles into Postgres's binary COPY format, a buffer at a time. */
export interface RowEncoder {
  /** Says what the next rows share; cheap to call again for the same object. */
  share(fields: SharedFields): void
  append(candle: Candle, line: number): void
  /** Whether a buffer is worth sending; there is room for one more row as long as it is not. */
  isFull(): boolean
  /** The rows so far, and a new buffer for the next. */
  take(): Buffer
}

/** "PGCOPY\n\377\r\n\0", no flags, no extension. @see https://www.postgresql.org/docs/15/sql-copy.html */
export const copyHeader = Buffer.from('5047434f50590aff0d0a000000000000000000', 'hex')
export const copyTrailer = Buffer.from('ffff', 'hex')

const BUFFER_BYTES = 65_536
/** 16 lengths, 7 doubles, 3 times, 4 integers, a flag and a proof. */
const OWN_BYTES = 16 * 4 + 7 * 8 + 3 * 8 + 4 * 8 + 1 + 7
/** 2000-01-01, Postgres's epoch, in µs. */
const EPOCH_US = 946_684_800_000_000
const TWO_32 = 4_294_967_296

const proofBytes = { sent: Buffer.from('sent'), silence: Buffer.from('silence') }

/** A row encoder for a table whose whole-number columns have these sizes. */
export function createRowEncoder(sizes: IntegerSizes): RowEncoder {
  let prefix: Buffer = Buffer.alloc(0)
  let shared: SharedFields | undefined
  let buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  let view = new DataView(buffer.buffer)
  let at = 0

  function grow(bytes: number): void {
    const wider = Buffer.allocUnsafeSlow(bytes)
    buffer.copy(wider, 0, 0, at)
    buffer = wider
    view = new DataView(buffer.buffer)
  }
  function double(value: number): void {
    if (Number.isNaN(value)) nothing()
    else {
      view.setInt32(at, 8)
      view.setFloat64(at + 4, value)
      at += 12
    }
  }
  function whole(value: number, size: 4 | 8): void {
    if (Number.isNaN(value)) nothing()
    else {
      view.setInt32(at, size)
      if (size === 8) view.setInt32(at + 4, Math.floor(value / TWO_32))
      view.setInt32(at + size, (value % TWO_32) | 0)
      at += 4 + size
    }
  }
  function time(us: number): void {
    whole(Number.isNaN(us) ? us : us - EPOCH_US, 8)
  }
  function nothing(): void {
    view.setInt32(at, -1)
    at += 4
  }
  function proof(candle: Candle): void {
    if (candle.proof === undefined) nothing()
    else {
      const bytes = proofBytes[candle.proof]
      view.setInt32(at, bytes.length)
      buffer.set(bytes, at + 4)
      at += 4 + bytes.length
    }
  }

  return {
    share(fields) {
      if (fields === shared) return
      shared = fields
      prefix = encodePrefix(fields, sizes)
      if (at + prefix.length + OWN_BYTES > buffer.length) grow(at + prefix.length + OWN_BYTES)
    },
    append(candle, line) {
      buffer.set(prefix, at)
      at += prefix.length
      time(candle.startMs * 1000)
      double(candle.open)
      double(candle.high)
      double(candle.low)
      double(candle.close)
      double(candle.volume)
      double(candle.quoteVolume)
      double(candle.vwap)
      whole(candle.tradeCount, sizes.trade_count)
      view.setInt32(at, 1)
      buffer[at + 4] = candle.isFinal ? 1 : 0
      at += 5
      proof(candle)
      time(candle.eventAtUs)
      time(candle.receivedAtUs)
      whole(candle.sequence, sizes.sequence)
      whole(candle.row, sizes.row)
      whole(line, sizes.landing_line)
    },
    isFull: () => at + prefix.length + OWN_BYTES > buffer.length,
    take() {
      const rows = buffer.subarray(0, at)
      buffer = Buffer.allocUnsafeSlow(Math.max(BUFFER_BYTES, prefix.length + OWN_BYTES))
      view = new DataView(buffer.buffer)
      at = 0
      return rows
    },
  }
}

function encodePrefix(fields: SharedFields, sizes: IntegerSizes): Buffer {
  const count = Buffer.alloc(2)
  count.writeInt16BE(sharedColumns.length + ownColumns.length)
  return Buffer.concat([
    count,
    text(fields.exchange),
    text(fields.nativeSymbol),
    text(fields.symbol),
    text(fields.quoteAsset),
    integer(fields.intervalMs / 1000, sizes.interval_seconds),
    text(fields.source),
    fields.feedId === undefined ? Buffer.from('ffffffff', 'hex') : text(fields.feedId),
    integer(fields.loadedAtUs - EPOCH_US, 8),
    integer(fields.loadId, sizes.load_id),
    text(fields.landingFile),
  ])
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function integer(value: number, size: 4 | 8): Buffer {
  const bytes = Buffer.alloc(4 + size)
  bytes.writeInt32BE(size)
  if (size === 8) bytes.writeBigInt64BE(BigInt(value), 4)
  else bytes.writeInt32BE(value, 4)
  return bytes
}
