import { isKxError, KxError } from '../../base/index.ts'
import { formatNames } from '../formats/index.ts'
import { type Candidate, fileLockKey, readCandidate } from './candidate.ts'
import type { LoadEvent } from './load-event.ts'
import { type LedgerFile, lock, readLedgerFiles, tryLock } from './load-ledger.ts'
import { fail, loadOne } from './load-one.ts'
import { commitRun, isLarge, type LoadRun, progressOf } from './load-run.ts'
import type { SourceBatch } from './source-batches.ts'
import type { SourceFile } from './source-file.ts'

/** Loads a batch of sources: looks at all, locks what is free, loads those, then waits for the others. */
export async function* loadBatch(run: LoadRun, batch: SourceBatch): AsyncGenerator<LoadEvent> {
  try {
    for (const { path, error } of batch.failed) yield fail(run, { source: { path } }, error)
    const heads = await Promise.all(batch.sources.map((source) => readHead(run, source)))
    for (const [i, head] of heads.entries()) {
      if (!('type' in head)) continue
      run.doneBytes += batch.sources[i]?.sizeBytes ?? 0
      yield count(run, head)
    }
    const candidates = heads.filter((head): head is Candidate => 'format' in head)
    yield* loadCandidates(run, candidates)
    const last = batch.sources.at(-1)
    if (last) yield progressOf(run, { ...last, sizeBytes: 0 }, 0)
    if (isLarge(run)) yield* commitRun(run)
  } finally {
    for (const source of batch.sources) source.release()
  }
}

async function* loadCandidates(run: LoadRun, candidates: readonly Candidate[]): AsyncGenerator<LoadEvent> {
  if (candidates.length === 0) return
  // A copy under way takes no other statement, so the rows of the batch before end here.
  await run.lane.chunk.endRows()
  const { locks } = run
  const keys = new Set(candidates.map((candidate) => lockKey(run, candidate)))
  const isHeld = (candidate: Candidate) => locks.has(lockKey(run, candidate))
  for (const key of await tryLock(
    run.lane.session(),
    [...keys].filter((key) => !locks.has(key)),
  ))
    locks.add(key)
  const [free, taken] = [candidates.filter(isHeld), candidates.filter((candidate) => !isHeld(candidate))]
  const entries = await readEntries(run, free)
  // Files that these entries do not tell of, whether they are committed by now or not.
  const loaded = new Set(run.lane.segments.flatMap(namesOf))
  for (const candidate of free) {
    // Two copies of one file, or two files of one name: the second must see what the first one loaded.
    const hasTwin = namesOf(candidate).some((name) => loaded.has(name))
    if (hasTwin) yield* commitRun(run, [...locks])
    yield* loadOne(run, candidate, hasTwin ? await readEntries(run, [candidate]) : entries)
    for (const name of namesOf(candidate)) loaded.add(name)
    run.doneBytes += candidate.source.sizeBytes
  }
  for (const candidate of taken) yield* loadLater(run, candidate)
}

function namesOf({ fingerprint, landingFile }: Pick<Candidate, 'fingerprint' | 'landingFile'>) {
  return [fingerprint, landingFile] as const
}

/** Waits for another kx to be done with the file; never while it holds others, or the two would wait for each other. */
async function* loadLater(run: LoadRun, candidate: Candidate): AsyncGenerator<LoadEvent> {
  yield* commitRun(run)
  const key = lockKey(run, candidate)
  await lock(run.lane.session(), key)
  run.locks.add(key)
  yield* loadOne(run, candidate, await readEntries(run, [candidate]))
  run.doneBytes += candidate.source.sizeBytes
}

async function readHead(run: LoadRun, source: SourceFile): Promise<Candidate | LoadEvent> {
  try {
    const head = await readCandidate(source, run.lane, run.options)
    if ('format' in head) return head
    const isWrong = source.isNamed && head.isWaiting !== true
    return isWrong ? failedHead(source, notLoadable(source, head.reason)) : skippedHead(source, head.reason)
  } catch (error) {
    if (!isKxError(error)) throw error
    const isOpenQuestion = error.code === 'KX_USAGE' && !source.isNamed
    return isOpenQuestion
      ? skippedHead(source, `${error.message.replace(`${source.path} `, '')}. ${error.hint}`)
      : failedHead(source, error)
  }
}

function notLoadable(source: SourceFile, reason: string): KxError {
  return new KxError('KX_LOAD_FORMAT', `${source.path}: ${reason}`, {
    hint: `Name the format with --format: ${formatNames.join(', ')}.`,
    at: { file: source.path },
  })
}

function skippedHead(source: SourceFile, reason: string): LoadEvent {
  return { type: 'file-skipped', file: source.path, reason }
}

function failedHead(source: SourceFile, error: KxError): LoadEvent {
  return { type: 'file-failed', file: source.path, error }
}

function count(run: LoadRun, event: LoadEvent): LoadEvent {
  if (event.type === 'file-skipped') run.totals.skippedFiles++
  if (event.type === 'file-failed') run.totals.failedFiles++
  return event
}

async function readEntries(run: LoadRun, candidates: readonly Candidate[]): Promise<LedgerFile[]> {
  if (candidates.length === 0) return []
  return await readLedgerFiles(run.lane.session(), run.lane.target, {
    relations: [...new Set(candidates.map(({ relation }) => relation))],
    names: candidates.map(({ landingFile }) => landingFile),
    fingerprints: candidates.map(({ fingerprint }) => fingerprint),
  })
}

function lockKey({ lane }: LoadRun, candidate: Candidate): number {
  return fileLockKey(lane.target, candidate)
}
