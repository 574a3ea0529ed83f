import { isKxError, type KxError } from '../../base/index.ts'
import type { Candidate } from './candidate.ts'
import type { FileReader } from './file-reader.ts'
import { changedError, compareWithLedger, contentOf } from './known-file.ts'
import type { LoadEvent } from './load-event.ts'
import type { LedgerFile } from './load-ledger.ts'
import { commitRun, isLarge, type LoadRun, progressOf } from './load-run.ts'
import { openReader } from './open-reader.ts'
import { deleteFileRows } from './removal-ledger.ts'
import { syncIfYoung } from './sync-young.ts'

/** Loads one locked file from where the ledger says it was left. */
export async function* loadOne(
  run: LoadRun,
  found: Candidate,
  entries: readonly LedgerFile[],
): AsyncGenerator<LoadEvent> {
  const candidate = asItIsNow(found, entries)
  const known = await compareWithLedger(candidate, entries).catch(asFileError)
  if (isKxError(known)) return yield fail(run, candidate, known)
  if (run.options.isAgain) return yield* loadAgain(run, candidate, 'entry' in known ? known.entry : undefined)
  if (known.state === 'changed') return yield fail(run, candidate, changedError(candidate, known.entry))
  const entry = known.state === 'known' ? known.entry : undefined
  if (entry) run.totals.duplicateRows += entry.rows
  if (entry && known.state === 'known' && known.isWhole) {
    run.totals.duplicateFiles++
    return yield {
      type: 'file-known',
      file: candidate.source.path,
      landingFile: entry.landingFile,
      rows: entry.rows,
    }
  }
  yield* readOn(run, { candidate, entry, isOneTransaction: false })
}

/** A small file was read before it was locked: if another kx loaded more of it meanwhile, it is read once more. */
function asItIsNow(candidate: Candidate, entries: readonly LedgerFile[]): Candidate {
  const { content, relation, landingFile } = candidate
  const own = entries.find((entry) => entry.relation === relation && entry.landingFile === landingFile)
  const hasGrown = content !== undefined && own !== undefined && own.toByte > content.length
  return hasGrown ? { ...candidate, content: undefined } : candidate
}

/** Replaces a file's rows, all of it in one transaction. */
async function* loadAgain(
  run: LoadRun,
  candidate: Candidate,
  entry: LedgerFile | undefined,
): AsyncGenerator<LoadEvent> {
  yield* commitRun(run, [...run.locks])
  const { chunk, session, target } = run.lane
  await chunk.begin()
  const landingFile = entry?.landingFile ?? candidate.landingFile
  const sink = chunk.sink(candidate.format.kind)
  sink.remove(await deleteFileRows(session(), target, { table: sink.table, landingFile }))
  yield* readOn(run, { candidate: { ...candidate, landingFile }, entry: undefined, isOneTransaction: true })
  yield* commitRun(run, [...run.locks])
}

interface Reading {
  readonly candidate: Candidate
  /** What bronze holds of it. */
  readonly entry: LedgerFile | undefined
  readonly isOneTransaction: boolean
}

/** Reads a file to its end; large ones are committed on the way, unless all of it must be one transaction. */
async function* readOn(
  run: LoadRun,
  { candidate, entry, isOneTransaction }: Reading,
): AsyncGenerator<LoadEvent> {
  const { lane, options } = run
  const reader = await openReader(lane, candidate, { entry, isComplete: options.isComplete === true })
  const totals = { rows: 0, quietRows: 0, badLines: 0 }
  let leftBytes = 0
  let failure: KxError | undefined
  try {
    for await (const position of reader.read(reader.skipPrefix(contentOf(candidate)))) {
      leftBytes = position.leftBytes
      if (candidate.content) continue
      yield progressOf(run, candidate.source, position.offset)
      if (isOneTransaction || !isLarge(run)) continue
      await close(run, { candidate, reader, totals })
      yield* commitRun(run, [...run.locks])
    }
  } catch (error) {
    failure = asFileError(error)
  }
  if (failure) run.waiting.push(fail(run, candidate, failure))
  if (failure && isOneTransaction) return await lane.chunk.rollback()
  await close(run, { candidate, reader, totals })
  if (failure) return
  run.totals.files++
  run.waiting.push({
    type: 'file-loaded',
    file: candidate.source.path,
    landingFile: entry?.landingFile ?? candidate.landingFile,
    format: candidate.format.name,
    kind: candidate.format.kind,
    ...totals,
    leftBytes,
  })
}

interface Closing {
  readonly candidate: Candidate
  readonly reader: FileReader
  readonly totals: { rows: number; quietRows: number; badLines: number }
}

/** Closes what was read as a segment of the open transaction; its bad lines are on disk before it commits. */
async function close(run: LoadRun, { candidate, reader, totals }: Closing): Promise<void> {
  const segment = reader.takeSegment()
  if (segment === undefined) return
  if (candidate.format.isGrowing) await syncIfYoung(candidate.source, run.lane.nowMs())
  totals.rows += segment.rows
  totals.quietRows += segment.quietRows
  totals.badLines += segment.badLines
  run.lane.segments.push(segment)
  if (segment.badLines === 0) return
  await reader.writeBad()
  const { deadLetterFiles } = run.totals
  if (!deadLetterFiles.includes(reader.deadLetterPath)) deadLetterFiles.push(reader.deadLetterPath)
}

/** Counts a file that failed. */
export function fail(
  run: LoadRun,
  candidate: { readonly source: { readonly path: string } },
  error: KxError,
): LoadEvent {
  run.totals.failedFiles++
  return { type: 'file-failed', file: candidate.source.path, error }
}

/** A failure of the file itself, which names its place; anything else goes on up. */
function asFileError(error: unknown): KxError {
  if (isKxError(error, 'KX_LOAD_FAILED') && error.at !== undefined) return error
  throw error
}
