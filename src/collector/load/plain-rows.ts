import { DAY_MS } from '../../base/index.ts'
import type { ParseLine } from '../formats/index.ts'
import type { RowReader } from './line-pump.ts'
import type { CellEncoder, Lineage } from './row-encoder.ts'

/** What records of one file are read with. */
export interface PlainRowsOptions<Row> {
  readonly parse: ParseLine<Row>
  /** The scratch that every line fills. */
  readonly row: Row
  readonly encoder: CellEncoder<Row>
  /** The row's time, µs. */
  readonly timeUs: (row: Row) => number
  readonly nowMs: () => number
  /** Completes a row that was read. */
  readonly complete: (row: Row) => void
  /** Of the current load. */
  readonly lineage: () => Lineage
}

/** Records that are one row each: ticks, events, uptime. */
export function createPlainRows<Row>(options: PlainRowsOptions<Row>): RowReader {
  const { parse, row, encoder, timeUs, nowMs, complete, lineage } = options
  let isHeld = false
  return {
    read(bytes, from, to) {
      const reason = parse(bytes, from, to, row)
      if (reason !== undefined) return reason
      if (timeUs(row) > (nowMs() + DAY_MS) * 1000) return 'the time lies ahead'
      complete(row)
      isHeld = true
      return undefined
    },
    hasRow: () => isHeld,
    write(line) {
      isHeld = false
      encoder.append(row, lineage(), line)
      return Math.floor(timeUs(row) / 1000)
    },
    isFull: encoder.isFull,
    lose: () => {},
    accepts: () => false,
    carry: () => undefined,
    takeQuiet: () => 0,
  }
}
