import { callCollector } from '../../collector/control/control.ts'
import type { BackfillEvent } from '../../collector/repair/backfill.ts'
import { stateDirectoryOf } from '../collect/request.ts'
import type { Io } from '../shared/io.ts'
import { openWorkspace } from '../shared/workspace.ts'
import { backfillHere } from './backfill-here.ts'
import { openReport } from './report.ts'
import { type BackfillOptions, type BackfillRequest, readRequest } from './request.ts'

/**
 * `kx backfill`: asks exchanges for minutes without a final candle; through the collector of this project, if one
 * runs. Gives the exit code: 1 if minutes stay open.
 */
export async function backfillCommand(io: Io, options: BackfillOptions): Promise<number> {
  await using workspace = await openWorkspace(io, options, { isWithoutTests: true })
  const request = readRequest(workspace.project, io, options)
  for (const warning of request.warnings) io.err(`warning: ${warning}`)
  const stateDirectory = stateDirectoryOf(workspace.project)
  const collector = await askCollector(stateDirectory, request)
  const report = openReport(io)
  let exitCode = 1
  for await (const event of collector ?? backfillHere(workspace, io, { request, stateDirectory })) {
    report(event)
    if (event.type === 'summary') exitCode = event.instruments.every(({ open }) => open === 0) ? 0 : 1
    if (io.signal.aborted) return 130
  }
  return exitCode
}

async function askCollector(
  stateDirectory: string,
  { range, exchanges, symbols }: BackfillRequest,
): Promise<AsyncGenerator<BackfillEvent, void> | undefined> {
  const answers = await callCollector(stateDirectory, {
    type: 'backfill',
    ...range,
    ...(exchanges === undefined ? {} : { exchanges }),
    ...(symbols === undefined ? {} : { symbols }),
  })
  // What the collector sends are the events of its own backfill.
  return answers as AsyncGenerator<BackfillEvent, void> | undefined
}
