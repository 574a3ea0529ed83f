import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { HOUR_MS, KxError } from '../../base/index.ts'
import { moveSourceHours, type Session, type SourceTable, type Target } from '../../warehouse/index.ts'
import { beginLoad, type LoadedSegment, type OpenLoad, writeSegments } from './load-ledger.ts'
import { type RemovedRows, relationOf, settleReplacedHours, tableName } from './removal-ledger.ts'
import { copyHeader, copyTrailer, createRowEncoder, type RowEncoder } from './row-encoder.ts'
import { ownColumns, readLayout, sharedColumns } from './row-layout.ts'

/** The rows of one transaction on their way into a source, with what the ledger gets to know of them. */
export interface Chunk {
  readonly encoder: RowEncoder
  /** The open transaction, begun if there is none. */
  begin(): Promise<OpenLoad>
  /** The open transaction; there must be one. */
  current(): OpenLoad
  /** Counts a row of the encoder. */
  count(startMs: number): void
  rows(): number
  isOpen(): boolean
  /** Counts rows that this transaction deleted. */
  remove(removed: readonly RemovedRows[]): void
  /** Sends what the encoder holds. */
  send(): Promise<void>
  /** Ends the copy under way, so that the transaction takes other statements; more rows may follow. */
  endRows(): Promise<void>
  /** Commits rows, hours and files together. @throws {KxError} KX_LOAD_FAILED if another load was faster */
  commit(segments: readonly LoadedSegment[]): Promise<OpenLoad>
  /** Undoes what is open; a connection that is lost has done so itself. */
  rollback(): Promise<void>
}

interface Open {
  readonly load: OpenLoad
  readonly stream: Writable
  /** Rejects when the server refuses a row, resolves when it has all of them. */
  readonly finished: Promise<void>
}

/** A chunk, empty; the same one serves transaction after transaction. */
export function createChunk(session: Session, target: Target, table: SourceTable): Chunk {
  const encoder = createRowEncoder(readLayout(table))
  let open: Open | undefined
  let load: OpenLoad | undefined
  let rowsByHour = new Map<number, number>()
  let hourMs = Number.NaN
  let rowsOfHour = 0
  let rows = 0
  let isReplacement = false

  function closeHour(): void {
    if (rowsOfHour > 0) rowsByHour.set(hourMs, (rowsByHour.get(hourMs) ?? 0) + rowsOfHour)
    rowsOfHour = 0
  }
  async function stream(): Promise<Open> {
    open ??= startCopy(session, target, table, await begin())
    return open
  }
  async function begin(): Promise<OpenLoad> {
    load ??= await beginLoad(session, target)
    return load
  }
  async function send(): Promise<void> {
    const bytes = encoder.take()
    if (bytes.length > 0) await write(await stream(), bytes)
  }
  async function endRows(): Promise<void> {
    await send()
    if (open) await endCopy(open)
    open = undefined
  }
  function reset(): void {
    open = undefined
    load = undefined
    rows = 0
    isReplacement = false
    rowsByHour = new Map()
  }

  return {
    encoder,
    begin,
    send,
    endRows,
    current() {
      if (!load) throw new Error('no transaction is open')
      return load
    },
    count(startMs) {
      rows++
      if (!(startMs >= hourMs && startMs < hourMs + HOUR_MS)) {
        closeHour()
        hourMs = Math.floor(startMs / HOUR_MS) * HOUR_MS
      }
      rowsOfHour++
    },
    rows: () => rows,
    isOpen: () => load !== undefined,
    remove(removed) {
      isReplacement = true
      closeHour()
      for (const hour of removed) rowsByHour.set(hour.hourMs, (rowsByHour.get(hour.hourMs) ?? 0) - hour.rows)
    },
    async commit(segments) {
      const { loadId } = await begin()
      await endRows()
      closeHour()
      const moves = Array.from(rowsByHour, ([hour, addedRows]) => ({ hourMs: hour, addedRows }))
      const relation = relationOf(table)
      await moveSourceHours(session, target, { relation, moves, loadId })
      if (isReplacement) await settleReplacedHours(session, target, { table, moves })
      const isAlone = await writeSegments(session, target, { relation, loadId, segments })
      if (!isAlone) {
        throw new KxError('KX_LOAD_FAILED', 'another kx loaded one of these files at the same time', {
          hint: 'Load them again: what is there already is left out.',
        })
      }
      await session.query('commit')
      const committed = await begin()
      reset()
      return committed
    },
    async rollback() {
      if (!load) return
      open?.stream.destroy(new Error('the load was given up'))
      await open?.finished.catch(() => undefined)
      reset()
      encoder.take()
      await session.query('rollback').catch(() => undefined)
    },
  }
}

function startCopy(session: Session, target: Target, table: SourceTable, load: OpenLoad): Open {
  const columns = [...sharedColumns, ...ownColumns].map((column) => `"${column}"`).join(', ')
  const stream = session.copyIn(`copy ${tableName(table, target)} (${columns}) from stdin (format binary)`)
  const finished = new Promise<void>((resolve, reject) => {
    stream.once('finish', resolve).once('error', reject)
  })
  // Whoever writes next hears of the failure; until then it is not an unhandled one.
  finished.catch(() => undefined)
  stream.write(copyHeader)
  return { load, stream, finished }
}

async function write({ stream, finished }: Open, bytes: Buffer): Promise<void> {
  if (stream.destroyed || stream.errored) await finished
  if (stream.write(bytes)) return
  await Promise.race([once(stream, 'drain'), finished])
}

async function endCopy({ stream, finished }: Open): Promise<void> {
  stream.end(copyTrailer)
  await finished
}
