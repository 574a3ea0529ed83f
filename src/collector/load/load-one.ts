import { isKxError, type KxError } from '../../base/index.ts'
import type { Candle } from '../formats/index.ts'
import { instrumentOf, type ResolvedInstrument } from '../instruments/resolve.ts'
import type { Candidate } from './candidate.ts'
import { type DeadLetters, deadLettersOf } from './dead-letters.ts'
import { changedError, compareWithLedger } from './known-file.ts'
import { type BadLine, createPump } from './line-pump.ts'
import type { LoadEvent } from './load-event.ts'
import { type FileLoad, type ReadPosition, readFileOn } from './load-file.ts'
import type { LedgerFile, OpenLoad } from './load-ledger.ts'
import { commitRun, isLarge, type LoadRun, progressOf } from './load-run.ts'
import { deleteFileRows } from './removal-ledger.ts'
import type { SharedFields } from './row-encoder.ts'

/** Loads one locked file from where the ledger says it was left. */
export async function* loadOne(
  run: LoadRun,
  candidate: Candidate,
  entries: readonly LedgerFile[],
): AsyncGenerator<LoadEvent> {
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
  yield* readOn(run, await openFile(run, candidate, entry), false)
}

/** Replaces a file's rows, all of it in one transaction. */
async function* loadAgain(
  run: LoadRun,
  candidate: Candidate,
  entry: LedgerFile | undefined,
): AsyncGenerator<LoadEvent> {
  yield* commitRun(run, [...run.locks])
  await run.chunk.begin()
  const landingFile = entry?.landingFile ?? candidate.landingFile
  const { session, target, table } = run
  run.chunk.remove(await deleteFileRows(session, target, { table, landingFile }))
  const load = await openFile(run, { ...candidate, landingFile }, undefined)
  yield* readOn(run, load, true)
  yield* commitRun(run, [...run.locks])
}

async function openFile(
  run: LoadRun,
  candidate: Candidate,
  entry: LedgerFile | undefined,
): Promise<FileLoad> {
  const { format } = candidate
  const landingFile = entry?.landingFile ?? candidate.landingFile
  const deadLetters = deadLettersOf(run.options.stateDirectory, landingFile)
  const line = entry?.toLine ?? format.dataLine
  await deadLetters.prepare(line)
  const bad: BadLine[] = []
  const isArchive = format.name === 'binance' || format.name === 'kraken'
  const pump = createPump({
    parse: format.parse,
    line,
    carry: entry?.carry,
    provesSilence: isArchive || (format.name === 'csv' && run.options.isComplete === true),
    nowMs: run.options.nowMs,
    describe: describer(run, candidate, landingFile),
    onRow: run.chunk.count,
    onBad: (one) => bad.push(one),
  })
  const fromByte = entry?.toByte ?? 0
  return {
    candidate,
    landingFile,
    fromByte,
    isLineOpen: entry?.isLineOpen ?? false,
    pump,
    bad,
    deadLetters,
    chunk: run.chunk,
  }
}

/** Reads a file to its end; large ones are committed on the way, unless all of it must be one transaction. */
async function* readOn(run: LoadRun, load: FileLoad, isOneTransaction: boolean): AsyncGenerator<LoadEvent> {
  const { candidate } = load
  const totals = { rows: 0, quietRows: 0, badLines: 0 }
  let position: ReadPosition | undefined
  let failure: KxError | undefined
  try {
    for await (position of readFileOn(load)) {
      if (candidate.content) continue
      yield progressOf(run, candidate.source, position.offset)
      if (isOneTransaction || !isLarge(run)) continue
      await close(run, load, position, totals)
      yield* commitRun(run, [...run.locks])
    }
  } catch (error) {
    failure = asFileError(error)
  }
  if (failure) run.waiting.push(fail(run, candidate, failure))
  if (failure && isOneTransaction) return await run.chunk.rollback()
  if (position) await close(run, load, position, totals)
  if (failure) return
  run.totals.files++
  run.waiting.push({
    type: 'file-loaded',
    file: candidate.source.path,
    landingFile: load.landingFile,
    format: candidate.format.name,
    ...totals,
    leftBytes: position?.leftBytes ?? 0,
  })
}

/** Closes what was read as a segment of the open transaction; its bad lines are on disk before it commits. */
async function close(
  run: LoadRun,
  load: FileLoad,
  position: ReadPosition,
  totals: { rows: number; quietRows: number; badLines: number },
): Promise<void> {
  const segment = position.segment()
  if (segment.toByte === segment.fromByte) return
  totals.rows += segment.rows
  totals.quietRows += segment.quietRows
  totals.badLines += segment.badLines
  run.segments.push(segment)
  if (segment.badLines > 0) await writeDeadLetters(run, load.deadLetters, load.bad)
}

async function writeDeadLetters(run: LoadRun, deadLetters: DeadLetters, bad: BadLine[]): Promise<void> {
  await deadLetters.append(bad.splice(0))
  if (!run.totals.deadLetterFiles.includes(deadLetters.path))
    run.totals.deadLetterFiles.push(deadLetters.path)
}

/** Finds the instrument of a candle and what its rows share; asks again only when either changes. */
function describer(run: LoadRun, candidate: Candidate, landingFile: string) {
  let last:
    | { readonly load: OpenLoad; readonly instrument: ResolvedInstrument; readonly shared: SharedFields }
    | undefined
  return (candle: Candle) => {
    const load = run.chunk.current()
    if (last && last.load === load && isSame(candle, last.shared)) return last
    const instrument = candidate.instrument ?? instrumentOfCandle(run, candle)
    noteUnlisted(run, instrument)
    const { exchange, nativeSymbol, symbol, quoteAsset } = instrument
    const { intervalMs, source, feedId } = candle
    const names = {
      exchange: candle.exchange ?? exchange,
      nativeSymbol: candle.nativeSymbol ?? nativeSymbol,
      symbol,
      quoteAsset,
    }
    last = { load, instrument, shared: { ...names, intervalMs, source, feedId, ...load, landingFile } }
    return last
  }
}

function isSame(candle: Candle, shared: SharedFields): boolean {
  return (
    candle.intervalMs === shared.intervalMs &&
    candle.feedId === shared.feedId &&
    candle.source === shared.source &&
    (candle.nativeSymbol === undefined || candle.nativeSymbol === shared.nativeSymbol) &&
    (candle.exchange === undefined || candle.exchange === shared.exchange)
  )
}

function instrumentOfCandle(
  run: LoadRun,
  { exchange = '', nativeSymbol = '', symbol, quoteAsset }: Candle,
): ResolvedInstrument {
  return instrumentOf(run.index, exchange, nativeSymbol, { symbol, quote: quoteAsset })
}

function noteUnlisted(run: LoadRun, instrument: ResolvedInstrument): void {
  const key = `${instrument.exchange} ${instrument.nativeSymbol}`
  if (!instrument.isListed && !run.unlisted.has(key))
    run.unlisted.set(key, { instrument, isRegistered: false })
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
