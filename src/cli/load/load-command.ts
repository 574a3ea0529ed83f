import { exitCodesByError, identifier } from '../../base/index.ts'
import type { LoadEvent, LoadInput, LoadSummary } from '../../collector/load/index.ts'
import { refreshStatistics } from '../../warehouse/index.ts'
import type { CommandIo } from './io.ts'
import { jsonReport, textReport } from './load-report.ts'

/** `kx load`, its options read and its warehouse open. */
export interface LoadCommand extends LoadInput {
  /** What is loaded, event by event. */
  readonly events: (input: LoadInput) => AsyncIterable<LoadEvent>
  readonly logFormat: 'text' | 'json'
  readonly failsOnBadLines: boolean
  /** Ends the load at the next event: what is not committed is rolled back. */
  readonly signal: AbortSignal
}

/**
 * Loads files and shows how.
 *
 * @returns the exit code: that of the first file that failed, 1 for bad lines if they are to fail, 130 if interrupted, else 0
 * @throws {KxError} what `loadFiles` throws
 */
export async function loadCommand(command: LoadCommand, io: CommandIo): Promise<number> {
  const report = command.logFormat === 'json' ? jsonReport(io) : textReport(io, () => performance.now())
  let exitCode = 0
  for await (const event of command.events(command)) {
    report.show(event)
    if (command.signal.aborted) return 130
    if (event.type === 'file-failed') exitCode ||= exitCodesByError[event.error.code]
    if (event.type === 'summary') {
      await refreshStatistics(command.warehouse, writtenRows(command, event.summary))
    }
    if (event.type === 'summary' && event.summary.badLines > 0 && command.failsOnBadLines) exitCode ||= 1
  }
  return exitCode
}

/** Rows by table, quoted and in the target. */
function writtenRows(
  { warehouse, tables }: LoadInput,
  { rowsByRelation }: LoadSummary,
): ReadonlyMap<string, number> {
  return new Map(
    tables.map(({ schema, name }) => [
      identifier(`${warehouse.target.sourcePrefix}${schema}`, name),
      rowsByRelation[`${schema}.${name}`] ?? 0,
    ]),
  )
}
