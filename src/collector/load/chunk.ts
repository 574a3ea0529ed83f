import { KxError, once } from '../../base/index.ts'
import { moveSourceHours, type Session, type Target } from '../../warehouse/index.ts'
import type { RecordKind } from '../formats/index.ts'
import { type BronzeTables, missingTable } from './bronze-tables.ts'
import { beginLoad, type LoadedSegment, type OpenLoad, writeSegments } from './load-ledger.ts'
import { relationOf, settleReplacedHours } from './removal-ledger.ts'
import { createEncoder, type Encoders } from './row-tables.ts'
import { createSink, type OpenCopy, type Sink, startCopy } from './sink.ts'

/** The rows of one transaction on their way into bronze, with what the ledger gets to know of them. */
export interface Chunk {
  /** The open transaction, begun if there is none. */
  begin(): Promise<OpenLoad>
  /** The open transaction; there must be one. */
  current(): OpenLoad
  /** Where the rows of a kind go. @throws {KxError} KX_COLUMNS_DIFFER */
  sink<Kind extends RecordKind>(kind: Kind): Sink<Encoders[Kind]>
  /** Sends what a sink's encoder holds. */
  send(sink: Sink): Promise<void>
  /** Ends the copy under way, so that the transaction takes other statements; more rows may follow. */
  endRows(): Promise<void>
  isOpen(): boolean
  /** All that were counted for the open transaction. */
  rows(): number
  /** Commits rows, hours and files together. @throws {LedgerMovedError} if another load was faster */
  commit(segments: readonly LoadedSegment[]): Promise<void>
  /** Undoes what is open; a connection that is lost has done so itself. */
  rollback(): Promise<void>
}

/** Another process loaded one of the files meanwhile; nothing was committed. */
export class LedgerMovedError extends KxError {
  constructor() {
    super('KX_LOAD_FAILED', 'another kx loaded one of these files at the same time', {
      hint: 'Load them again: what is there already is left out.',
    })
  }
}

/** What a chunk writes through. */
export interface ChunkOptions {
  /** Asked each time: after a lost connection it is another one. */
  readonly session: () => Session
  readonly target: Target
  readonly tables: BronzeTables
  /** The id of a load that goes on; undefined: a new one for each transaction. */
  readonly loadId?: () => number | undefined
}

/** A chunk, empty; the same one serves transaction after transaction. */
export function createChunk({ session, target, tables, loadId }: ChunkOptions): Chunk {
  const opened: Sink[] = []
  const sinks: { readonly [Kind in RecordKind]: () => Sink<Encoders[Kind]> } = {
    candles: once(() => makeSink('candles')),
    ticks: once(() => makeSink('ticks')),
    connection_events: once(() => makeSink('connection_events')),
    feed_uptime: once(() => makeSink('feed_uptime')),
  }
  let copy: OpenCopy | undefined
  let load: OpenLoad | undefined

  function makeSink<Kind extends RecordKind>(kind: Kind): Sink<Encoders[Kind]> {
    const table = tables[kind]
    if (!table) throw new Error(missingTable(kind))
    const sink = createSink(table, createEncoder[kind](table))
    opened.push(sink)
    // In one order, whoever loads: two loads cannot lock each other.
    opened.sort((a, b) => (relationOf(a.table) < relationOf(b.table) ? -1 : 1))
    return sink
  }
  async function begin(): Promise<OpenLoad> {
    load ??= await beginLoad(session(), target, loadId?.())
    return load
  }
  async function endCopy(): Promise<void> {
    const open = copy
    copy = undefined
    await open?.end()
  }
  async function send(sink: Sink): Promise<void> {
    const rows = sink.encoder.take()
    if (rows.length === 0) return
    if (copy?.sink !== sink) {
      await endCopy()
      await begin()
      copy = startCopy(session(), target, sink)
    }
    await copy.write(rows)
  }
  async function endRows(): Promise<void> {
    for (const sink of opened) await send(sink)
    await endCopy()
  }
  function reset(): void {
    load = undefined
    for (const sink of opened) sink.reset()
  }
  async function moveHours(sink: Sink, id: number): Promise<void> {
    const { rowsByHour, isReplacement } = sink.moves()
    const moves = Array.from(rowsByHour, ([hour, addedRows]) => ({ hourMs: hour, addedRows }))
    await moveSourceHours(session(), target, {
      relation: relationOf(sink.table),
      moves,
      loadId: id,
      isSameLoad: loadId?.() === id,
    })
    if (isReplacement) await settleReplacedHours(session(), target, { table: sink.table, moves })
  }

  return {
    begin,
    current() {
      if (!load) throw new Error('no transaction is open')
      return load
    },
    sink: (kind) => sinks[kind](),
    send,
    endRows,
    isOpen: () => load !== undefined,
    rows: () => opened.reduce((sum, sink) => sum + sink.rows(), 0),
    async commit(segments) {
      const committed = await begin()
      await endRows()
      for (const sink of opened) await moveHours(sink, committed.loadId)
      const isAlone = await writeSegments(session(), target, { loadId: committed.loadId, segments })
      if (!isAlone) throw new LedgerMovedError()
      await session().query('commit')
      reset()
    },
    async rollback() {
      if (!load) return
      await copy?.abort()
      copy = undefined
      reset()
      await session()
        .query('rollback')
        .catch(() => undefined)
    },
  }
}
