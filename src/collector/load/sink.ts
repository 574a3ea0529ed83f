import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { HOUR_MS } from '../../base/index.ts'
import type { Session, SourceTable, Target } from '../../warehouse/index.ts'
import { copyHeader, copyTrailer } from './cell-writer.ts'
import { type RemovedRows, tableName } from './removal-ledger.ts'
import type { RowEncoder } from './row-encoder.ts'

/** One table's rows of a transaction, with the hours that they touch. */
export interface Sink<Encoder extends RowEncoder = RowEncoder> {
  readonly table: SourceTable
  readonly encoder: Encoder
  /** Counts a row of the encoder. */
  count(timeMs: number): void
  rows(): number
  /** Counts rows that this transaction deleted. */
  remove(removed: readonly RemovedRows[]): void
  /** Rows that it adds to each hour, by the hour's start; and whether rows were removed first. */
  moves(): { readonly rowsByHour: ReadonlyMap<number, number>; readonly isReplacement: boolean }
  /** Forgets the counts: the transaction is over. */
  reset(): void
}

/** A sink without rows. */
export function createSink<Encoder extends RowEncoder>(table: SourceTable, encoder: Encoder): Sink<Encoder> {
  let rowsByHour = new Map<number, number>()
  let hourMs = Number.NaN
  let rowsOfHour = 0
  let rows = 0
  let isReplacement = false

  function add(hour: number, addedRows: number): void {
    rowsByHour.set(hour, (rowsByHour.get(hour) ?? 0) + addedRows)
  }
  function closeHour(): void {
    if (rowsOfHour > 0) add(hourMs, rowsOfHour)
    rowsOfHour = 0
  }
  return {
    table,
    encoder,
    rows: () => rows,
    count(timeMs) {
      rows++
      if (!(timeMs >= hourMs && timeMs < hourMs + HOUR_MS)) {
        closeHour()
        hourMs = Math.floor(timeMs / HOUR_MS) * HOUR_MS
      }
      rowsOfHour++
    },
    remove(removed) {
      isReplacement = true
      for (const hour of removed) add(hour.hourMs, -hour.rows)
    },
    moves() {
      closeHour()
      return { rowsByHour, isReplacement }
    },
    reset() {
      rowsByHour = new Map()
      rowsOfHour = 0
      rows = 0
      isReplacement = false
      encoder.take()
    },
  }
}

/** A `copy … from stdin` under way. */
export interface OpenCopy {
  readonly sink: Sink
  write(rows: Buffer): Promise<void>
  end(): Promise<void>
  /** Takes it back. */
  abort(): Promise<void>
}

/** Starts to copy a sink's rows; the session takes nothing else until it is ended. */
export function startCopy(session: Session, target: Target, sink: Sink): OpenCopy {
  const columns = sink.encoder.columns.map((column) => `"${column}"`).join(', ')
  const stream = session.copyIn(
    `copy ${tableName(sink.table, target)} (${columns}) from stdin (format binary)`,
  )
  const finished = new Promise<void>((resolve, reject) => {
    stream.once('finish', resolve).once('error', reject)
  })
  // Whoever writes next hears of the failure; until then it is not an unhandled one.
  finished.catch(() => undefined)
  stream.write(copyHeader)
  return {
    sink,
    write: (rows) => write(stream, finished, rows),
    async end() {
      stream.end(copyTrailer)
      await finished
    },
    async abort() {
      stream.destroy(new Error('the load was given up'))
      await finished.catch(() => undefined)
    },
  }
}

async function write(stream: Writable, finished: Promise<void>, rows: Buffer): Promise<void> {
  if (stream.destroyed || stream.errored) await finished
  if (stream.write(rows)) return
  await Promise.race([once(stream, 'drain'), finished])
}
