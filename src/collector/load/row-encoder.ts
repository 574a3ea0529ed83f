import type { SourceTable } from '../../warehouse/index.ts'
import { type CellWriter, createCellWriter } from './cell-writer.ts'
import type { OpenLoad } from './load-ledger.ts'
import { type ColumnSizes, lineageColumns, readLayout } from './row-layout.ts'

/** Turns records into Postgres's binary COPY format, a buffer at a time. */
export interface RowEncoder {
  /** In COPY's order. */
  readonly columns: readonly string[]
  /** Whether a buffer is worth sending. */
  isFull(): boolean
  /** The rows so far, and a new buffer for the next. */
  take(): Buffer
}

/** Where a row comes from. */
export interface Lineage extends OpenLoad {
  readonly landingFile: string
}

/** An encoder that is made of a list of cells. */
export interface CellEncoder<Row> extends RowEncoder {
  append(row: Row, lineage: Lineage, line: number): void
}

/** A column and what a row has for it. Unknown numbers and times are NaN, unknown texts undefined; times are µs. */
export type Cell<Row> =
  | { readonly name: string; readonly type: 'text' | 'json'; readonly of: (row: Row) => string | undefined }
  | { readonly name: string; readonly type: 'double' | 'whole' | 'time'; readonly of: (row: Row) => number }
  | { readonly name: string; readonly type: 'boolean'; readonly of: (row: Row) => boolean }

/** The longest cell that is no text. */
const CELL_BYTES = 12

/** An encoder for a table with these columns and those of lineage. @throws {KxError} KX_COLUMNS_DIFFER */
export function createCellEncoder<Row>(table: SourceTable, cells: readonly Cell<Row>[]): CellEncoder<Row> {
  const columns = [...cells, ...lineageColumns]
  const sizeOf = readLayout(table, columns)
  const writer = createCellWriter()
  const writes = cells.map((cell) => writeOf(writer, cell, sizeOf))
  const [loadIdBytes, lineBytes] = [sizeOf('load_id'), sizeOf('landing_line')]
  return {
    columns: columns.map(({ name }) => name),
    isFull: writer.isFull,
    take: writer.take,
    append(row, { loadedAtUs, loadId, landingFile }, line) {
      writer.row(columns.length, columns.length * CELL_BYTES)
      for (const write of writes) write(row)
      writer.time(loadedAtUs)
      writer.whole(loadId, loadIdBytes)
      writer.text(landingFile)
      writer.whole(line, lineBytes)
    },
  }
}

function writeOf<Row>(writer: CellWriter, cell: Cell<Row>, sizeOf: ColumnSizes): (row: Row) => void {
  const { type, of, name } = cell
  switch (type) {
    case 'text':
      return (row) => writer.text(of(row))
    case 'json':
      return (row) => writer.json(of(row))
    case 'double':
      return (row) => writer.double(of(row))
    case 'time':
      return (row) => writer.time(of(row))
    case 'boolean':
      return (row) => writer.boolean(of(row))
    case 'whole': {
      const size = sizeOf(name)
      return (row) => writer.whole(of(row), size)
    }
  }
}
