/** Writes rows in Postgres's binary COPY format, cell by cell, a buffer at a time. */
export interface CellWriter {
  /** Begins a row with so many columns; `roomBytes` are enough for its cells, texts and JSON aside. */
  row(columns: number, roomBytes: number): void
  /** NaN: null. */
  double(value: number): void
  /** In 4 or 8 bytes. NaN: null. */
  whole(value: number, size: 4 | 8): void
  /** µs since the epoch; NaN: null. */
  time(us: number): void
  boolean(value: boolean): void
  /** Undefined: null. */
  text(value: string | undefined): void
  /** As jsonb; undefined: null. */
  json(value: string | undefined): void
  /** Cells that were encoded before. */
  cells(encoded: Uint8Array): void
  /** Whether there is enough to be worth sending. */
  isFull(): boolean
  /** The rows so far, and a new buffer for the next. */
  take(): Buffer
}

/** "PGCOPY\n\377\r\n\0", no flags, no extension. @see https://www.postgresql.org/docs/15/sql-copy.html */
export const copyHeader = Buffer.from('5047434f50590aff0d0a000000000000000000', 'hex')
export const copyTrailer = Buffer.from('ffff', 'hex')

/** What is sent at a time, and room for the row that makes it full. */
const SEND_BYTES = 61_440
const BUFFER_BYTES = SEND_BYTES + 4096
/** So few are copied: a new buffer for each of many small loads would be garbage faster than it goes. */
const FEW_BYTES = 8192
/** Room for the cells behind a text. */
const ROW_BYTES = 1024
/** 2000-01-01, Postgres's epoch, in µs. */
const EPOCH_US = 946_684_800_000_000
const TWO_32 = 4_294_967_296
const NO_MARKS: readonly number[] = []
/** Its version. */
const JSONB_MARKS: readonly number[] = [1]

/** An empty writer. */
export function createCellWriter(): CellWriter {
  let buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  let view = new DataView(buffer.buffer)
  let at = 0

  function reserve(bytes: number): void {
    if (at + bytes <= buffer.length) return
    const wider = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, at + bytes))
    buffer.copy(wider, 0, 0, at)
    buffer = wider
    view = new DataView(buffer.buffer)
  }
  function nothing(): void {
    view.setInt32(at, -1)
    at += 4
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
  /** `marks` stand before the text: none, or the version of jsonb. */
  function text(value: string, marks: readonly number[]): void {
    // The cells behind a text find their room too.
    reserve(value.length * 3 + ROW_BYTES)
    const start = at + 4
    buffer.set(marks, start)
    const bytes = marks.length + buffer.write(value, start + marks.length, 'utf8')
    view.setInt32(at, bytes)
    at = start + bytes
  }

  return {
    row(columns, roomBytes) {
      reserve(2 + roomBytes)
      view.setInt16(at, columns)
      at += 2
    },
    double(value) {
      if (Number.isNaN(value)) nothing()
      else {
        view.setInt32(at, 8)
        view.setFloat64(at + 4, value)
        at += 12
      }
    },
    whole,
    time: (us) => whole(Number.isNaN(us) ? us : us - EPOCH_US, 8),
    boolean(value) {
      view.setInt32(at, 1)
      buffer[at + 4] = value ? 1 : 0
      at += 5
    },
    text(value) {
      if (value === undefined) nothing()
      else text(value, NO_MARKS)
    },
    json(value) {
      if (value === undefined) nothing()
      else text(value, JSONB_MARKS)
    },
    cells(encoded) {
      buffer.set(encoded, at)
      at += encoded.length
    },
    isFull: () => at >= SEND_BYTES,
    take() {
      const rows = buffer.subarray(0, at)
      at = 0
      if (rows.length <= FEW_BYTES && buffer.length === BUFFER_BYTES) return Buffer.from(rows)
      buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
      view = new DataView(buffer.buffer)
      return rows
    },
  }
}
