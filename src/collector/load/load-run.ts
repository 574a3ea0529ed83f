import type { Instrument } from '../../base/index.ts'
import type { Session, SourceTable, Target } from '../../warehouse/index.ts'
import { registerUnlisted } from '../instruments/instrument-ledger.ts'
import type { InstrumentIndex } from '../instruments/resolve.ts'
import { type Chunk, createChunk } from './chunk.ts'
import type { LoadEvent, LoadOptions, LoadSummary } from './load-event.ts'
import { type LoadedSegment, unlock } from './load-ledger.ts'
import type { SourceFile } from './source-file.ts'

/** One `kx load` under way: the open transaction and what waits for its commit. */
export interface LoadRun {
  readonly session: Session
  readonly target: Target
  readonly table: SourceTable
  readonly index: InstrumentIndex
  readonly options: LoadOptions
  readonly chunk: Chunk
  /** Of the open transaction. */
  readonly segments: LoadedSegment[]
  /** Events that become true once the open transaction has committed. */
  readonly waiting: LoadEvent[]
  /** Advisory locks of files, held until the commit that holds their rows. */
  readonly locks: Set<number>
  /** Instruments met that project.yml does not list, and whether they are in the warehouse. */
  readonly unlisted: Map<string, { readonly instrument: Instrument; isRegistered: boolean }>
  /** Of what was found on disk. */
  doneBytes: number
  readonly totals: {
    -readonly [Key in keyof LoadSummary]: LoadSummary[Key] extends number ? number : string[]
  }
}

const CHUNK_ROWS = 200_000
/** A server's table of locks may hold as few as some thousand. */
const MAX_LOCKS = 256

/** A run with nothing done yet. */
export function createRun(
  start: Pick<LoadRun, 'session' | 'target' | 'table' | 'index' | 'options'>,
): LoadRun {
  return {
    ...start,
    chunk: createChunk(start.session, start.target, start.table),
    segments: [],
    waiting: [],
    locks: new Set(),
    unlisted: new Map(),
    doneBytes: 0,
    totals: {
      files: 0,
      rows: 0,
      quietRows: 0,
      duplicateRows: 0,
      duplicateFiles: 0,
      skippedFiles: 0,
      failedFiles: 0,
      badLines: 0,
      deadLetterFiles: [],
      unlisted: [],
    },
  }
}

/** How far the run is, inside `file`: `offset` of its text is read. */
export function progressOf(
  run: LoadRun,
  { path, sizeBytes, textBytes }: Pick<SourceFile, 'path' | 'sizeBytes' | 'textBytes'>,
  offset: number,
): LoadEvent {
  const share = textBytes > 0 ? Math.min(1, offset / textBytes) : 1
  const doneBytes = Math.round(run.doneBytes + sizeBytes * share)
  return { type: 'progress', file: path, doneBytes, rows: run.totals.rows + run.chunk.rows() }
}

/** Whether the open transaction has grown to its size. */
export function isLarge(run: LoadRun): boolean {
  return run.chunk.rows() >= (run.options.chunkRows ?? CHUNK_ROWS) || run.locks.size >= MAX_LOCKS
}

/** Commits the open transaction, if there is one, and tells what became true with it. */
export async function* commitRun(run: LoadRun, keptLocks: readonly number[] = []): AsyncGenerator<LoadEvent> {
  if (run.chunk.isOpen()) {
    const rows = run.chunk.rows()
    const unlisted = [...run.unlisted.values()].filter(({ isRegistered }) => !isRegistered)
    const segments = run.segments.splice(0)
    // What the encoder holds goes out first: a copy under way takes no other statement.
    await run.chunk.endRows()
    await registerUnlisted(run.session, run.target, {
      table: run.table,
      instruments: unlisted.map(({ instrument }) => instrument),
    })
    const { loadId } = await run.chunk.commit(segments)
    for (const one of unlisted) one.isRegistered = true
    count(run, segments)
    yield { type: 'committed', loadId, rows, files: segments.length }
    for (const { instrument } of unlisted) yield { type: 'unlisted', instrument }
  }
  yield* run.waiting.splice(0)
  const done = [...run.locks].filter((key) => !keptLocks.includes(key))
  await unlock(run.session, done)
  for (const key of done) run.locks.delete(key)
}

function count({ totals }: LoadRun, segments: readonly LoadedSegment[]): void {
  for (const segment of segments) {
    totals.rows += segment.rows
    totals.quietRows += segment.quietRows
    totals.badLines += segment.badLines
  }
}

/** The totals of a run. */
export function summarise(run: LoadRun): LoadSummary {
  const unlisted = [...run.unlisted.values()].filter(({ isRegistered }) => isRegistered)
  return { ...run.totals, unlisted: unlisted.map(({ instrument }) => instrument) }
}
