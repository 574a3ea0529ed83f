import { commitLane, createLane, type LoadLane } from './lane.ts'
import type { LoadEvent, LoadOptions, LoadSummary } from './load-event.ts'
import { type LoadedSegment, unlock } from './load-ledger.ts'
import type { SourceFile } from './source-file.ts'

/** One `kx load` under way: the open transaction and what waits for its commit. */
export interface LoadRun {
  readonly lane: LoadLane
  readonly options: LoadOptions
  /** Events that become true once the open transaction has committed. */
  readonly waiting: LoadEvent[]
  /** Advisory locks of files, held until the commit that holds their rows. */
  readonly locks: Set<number>
  /** Of what was found on disk. */
  doneBytes: number
  readonly totals: {
    -readonly [Key in keyof Omit<LoadSummary, 'unlisted' | 'rowsByRelation'>]: LoadSummary[Key] extends number
      ? number
      : string[]
  }
  readonly rowsByRelation: Map<string, number>
}

const CHUNK_ROWS = 200_000
/** A server's table of locks may hold as few as some thousand. */
const MAX_LOCKS = 256

/** A run with nothing done yet. */
export function createRun(
  start: Omit<LoadLane, 'chunk' | 'segments' | 'unlisted'>,
  options: LoadOptions,
): LoadRun {
  return {
    lane: createLane(start),
    options,
    waiting: [],
    locks: new Set(),
    rowsByRelation: new Map(),
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
  return { type: 'progress', file: path, doneBytes, rows: run.totals.rows + run.lane.chunk.rows() }
}

/** Whether the open transaction has grown to its size. */
export function isLarge(run: LoadRun): boolean {
  return run.lane.chunk.rows() >= (run.options.chunkRows ?? CHUNK_ROWS) || run.locks.size >= MAX_LOCKS
}

/** Commits the open transaction, if there is one, and tells what became true with it. */
export async function* commitRun(run: LoadRun, keptLocks: readonly number[] = []): AsyncGenerator<LoadEvent> {
  if (run.lane.chunk.isOpen()) {
    const rows = run.lane.chunk.rows()
    const { loadId, segments, unlisted } = await commitLane(run.lane)
    count(run, segments)
    yield { type: 'committed', loadId, rows, files: segments.length }
    for (const instrument of unlisted) yield { type: 'unlisted', instrument }
  }
  yield* run.waiting.splice(0)
  const done = [...run.locks].filter((key) => !keptLocks.includes(key))
  await unlock(run.lane.session(), done)
  for (const key of done) run.locks.delete(key)
}

function count({ totals, rowsByRelation }: LoadRun, segments: readonly LoadedSegment[]): void {
  for (const segment of segments) {
    const { relation, rows } = segment
    rowsByRelation.set(relation, (rowsByRelation.get(relation) ?? 0) + rows)
    totals.rows += segment.rows
    totals.quietRows += segment.quietRows
    totals.badLines += segment.badLines
  }
}

/** The totals of a run. */
export function summarise(run: LoadRun): LoadSummary {
  const unlisted = [...run.lane.unlisted.values()].filter(({ isRegistered }) => isRegistered)
  return {
    ...run.totals,
    rowsByRelation: Object.fromEntries(run.rowsByRelation),
    unlisted: unlisted.map(({ instrument }) => instrument),
  }
}
