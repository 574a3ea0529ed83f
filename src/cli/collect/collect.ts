import type { CollectorInput } from '../../collector/collect/collector-input.ts'
import { runCollector } from '../../collector/collect/run-collector.ts'
import { WORKER_COMMAND } from '../../collector/supervise/orphans.ts'
import { openS3Store } from '../../collector/upload/s3-store.ts'
import { forkWorker } from '../../collector/worker/channel.ts'
import type { Io } from '../shared/io.ts'
import { eventLine } from '../shared/json-event.ts'
import { keepCodeSmall, keepHeapSmall, WORKER_FLAGS } from '../shared/small-heap.ts'
import { openWorkspace, type Workspace } from '../shared/workspace.ts'
import { planLines, plannedFeeds } from './dry-run.ts'
import { bronzeOf } from './open-bronze.ts'
import { openReport } from './report.ts'
import { type CollectOptions, type CollectRequest, readRequest } from './request.ts'

/** `kx collect`: collects until it is stopped. Gives the exit code. */
export async function collectCommand(io: Io, options: CollectOptions): Promise<number> {
  await using workspace = await openWorkspace(io, options, { isWithoutTests: true })
  const request = await readRequest(workspace.project, io, options)
  for (const warning of request.warnings) io.err(`warning: ${warning}`)
  if (options.dryRun) return printPlan(io, request)
  keepHeapSmall()
  keepCodeSmall()
  const report = openReport(io)
  for await (const event of runCollector(collectorInput(workspace, io, { options, request }))) report(event)
  return 0
}

function printPlan(io: Io, request: CollectRequest): number {
  const planned = plannedFeeds(request)
  if (io.logFormat === 'json') for (const feed of planned) io.out(eventLine('feed', feed))
  else for (const line of planLines(planned)) io.out(line)
  return 0
}

interface Asked {
  readonly options: CollectOptions
  readonly request: CollectRequest
}

function collectorInput(workspace: Workspace, io: Io, { options, request }: Asked): CollectorInput {
  const { settleMs, collect } = workspace.project
  const { store } = collect
  const { stateDirectory, feeds, workers, port, durationMs, retainMs } = request
  return {
    ...{ stateDirectory, feeds, workers, port, durationMs, retainMs, settleMs },
    landingDirectory: collect.landingDirectory,
    fork: (kind) =>
      forkWorker({
        script: process.argv[1] ?? '',
        argv: [WORKER_COMMAND, kind],
        env: io.env,
        execArgv: [...process.execArgv, ...WORKER_FLAGS[kind]],
      }),
    bronze: options.load === false ? undefined : bronzeOf(workspace, io, stateDirectory),
    openStore: options.upload === false || store === undefined ? undefined : () => openS3Store(store),
    clock: io.clock,
    random: Math.random,
    signal: io.signal,
  }
}
