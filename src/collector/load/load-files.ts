import { type Instrument, isKxError, KxError } from '../../base/index.ts'
import { type SourceTable, SqlError, type Warehouse } from '../../warehouse/index.ts'
import { indexInstruments } from '../instruments/resolve.ts'
import { bronzeTables } from './bronze-tables.ts'
import { findFiles } from './find-files.ts'
import { loadBatch } from './load-batch.ts'
import type { LoadEvent, LoadOptions } from './load-event.ts'
import { unlock } from './load-ledger.ts'
import { commitRun, createRun, summarise } from './load-run.ts'
import { sourceBatches } from './source-batches.ts'

/** What to load, and where. */
export interface LoadInput {
  readonly warehouse: Warehouse
  /** Bronze as its contracts declare it; files of records without a table are left out, and said so. */
  readonly tables: readonly SourceTable[]
  /** project.yml's. */
  readonly instruments: readonly Instrument[]
  /** Files, folders, zips, globs. */
  readonly paths: readonly string[]
  readonly options: LoadOptions
}

/**
 * Loads files of market data into bronze: rows, hours and the ledger of files in one transaction at a time, so that
 * whatever interrupts it, the next load goes on where the last commit ended.
 *
 * A file's own failure is an event; the other files go on.
 *
 * @throws {KxError} KX_LOAD_NOT_FOUND if a path names nothing, KX_COLUMNS_DIFFER, KX_LOAD_FAILED,
 *   KX_DISK_FULL, KX_WAREHOUSE_UNREACHABLE
 */
export async function* loadFiles(input: LoadInput): AsyncGenerator<LoadEvent> {
  const { warehouse, options } = input
  const found = await findFiles(input.paths, options.directory)
  yield { type: 'found', files: found.length, bytes: found.reduce((sum, file) => sum + file.sizeBytes, 0) }
  await using session = await warehouse.session()
  const index = indexInstruments(input.instruments)
  const { stateDirectory, nowMs } = options
  const tables = bronzeTables(input.tables)
  const run = createRun(
    { session: () => session, target: warehouse.target, tables, index, stateDirectory, nowMs: () => nowMs },
    options,
  )
  try {
    for await (const batch of sourceBatches(found)) yield* loadBatch(run, batch)
    yield* commitRun(run)
    yield { type: 'summary', summary: summarise(run) }
  } catch (error) {
    throw asLoadError(error)
  } finally {
    await run.lane.chunk.rollback()
    await unlock(session, [...run.locks]).catch(() => undefined)
  }
}

/** What a load says where Postgres or the disk refuses it. @throws what is neither */
export function asLoadError(error: unknown): KxError {
  const isDiskFull =
    (error instanceof SqlError && error.sqlstate === '53100') ||
    (error instanceof Error && 'code' in error && error.code === 'ENOSPC')
  if (isDiskFull) {
    const hint = 'Free some space and load again: it goes on where the last commit ended.'
    return new KxError('KX_DISK_FULL', `no space left: ${(error as Error).message}`, { hint, cause: error })
  }
  if (isKxError(error)) return error
  if (!(error instanceof SqlError)) throw error
  return new KxError('KX_LOAD_FAILED', `Postgres refused the rows: ${error.message}`, {
    hint: 'Load again once that is settled: nothing of the open transaction was kept.',
    cause: error,
  })
}
