import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import {
  type Deferred,
  executePlan,
  executeRenames,
  type Plan,
  planRun,
  type RunContext,
  relationName,
} from '../../runner/index.ts'
import { closeRun, openRun, refreshStatistics } from '../../warehouse/index.ts'
import { assessModels } from '../shared/assess-models.ts'
import { plural } from '../shared/format.ts'
import type { Io } from '../shared/io.ts'
import { refuseShrunkSources } from '../shared/source-check.ts'
import { version } from '../shared/version.ts'
import {
  type GlobalOptions,
  type OpenWorkspace,
  openWarehouseOf,
  openWorkspace,
  selectModels,
  threadsOf,
  wholeNumber,
  withTests,
} from '../shared/workspace.ts'
import { deferralOf } from './deferral.ts'
import { tellMeanwhile } from './meanwhile.ts'
import { checkProtected, type RequestOptions, requestOf } from './request.ts'
import { resolverFor } from './resolver.ts'
import { openReport } from './run-report.ts'
import { heldPartitions, warnings } from './warnings.ts'

/** Options of `kx run`. */
export interface RunOptions extends GlobalOptions, RequestOptions {
  readonly limit?: string
  readonly batch?: string
  readonly failFast?: boolean
  readonly defer?: string
}

/** `kx run`: builds what is missing, stale, failed or asked for. Gives the exit code. */
export async function runCommand(io: Io, options: RunOptions): Promise<number> {
  const threads = threadsOf(options, availableParallelism())
  wholeNumber('--limit', options.limit)
  wholeNumber('--batch', options.batch)
  const connect = { command: 'run', threads }
  await using workspace = await openWorkspace(io, options, { isWithoutTests: true, connect })
  const selected = selectModels(workspace, io, options)
  const request = requestOf(options, selected)
  if (selected.size === 0) return 0
  checkProtected(workspace.graph, selected, request)
  await using open = await openWarehouseOf(workspace, io, { command: 'run', threads })
  await refuseShrunkSources(open, selected)
  return await runSelected(io, open, { options, request, selected, threads })
}

interface RunInput {
  readonly options: RunOptions
  readonly request: ReturnType<typeof requestOf>
  readonly selected: ReadonlySet<string>
  readonly threads: number
}

/** Plans and runs on an open warehouse, printing as it goes. */
export async function runSelected(io: Io, open: OpenWorkspace, input: RunInput): Promise<number> {
  const { options, request, selected, threads } = input
  const startedMs = io.clock.now()
  const allowPartial = options.allowPartial ?? false
  const maxBatch = wholeNumber('--batch', options.batch)
  await renameFirst(io, open, selected)
  const deferred = await deferralOf(open, { defer: options.defer, selected })
  const assessing = { selected, nowMs: startedMs, allowPartial, maxBatch, deferred }
  const assessed = await assessModels(open, assessing)
  const plan = planRun(assessed, request)
  for (const line of warnings(open, assessed, plan, startedMs)) io.err(`warning: ${line}`)
  const planned = plan.models.reduce((sum, { partitions }) => sum + partitions.length, 0)
  if (planned === 0) return nothingToDo(io, plan, request)
  const context = runContext(io, withTests(open), {
    options,
    threads,
    isForced: request.isForced,
    deferred,
  })
  const code = await printRun(io, context, plan, { planned, startedMs })
  const isWhole = code === 0 && options.limit === undefined && request.states === undefined
  if (isWhole) await tellMeanwhile(io, open, { request, options: assessing })
  return code
}

/** Carries renamed models over before their hours are looked at. */
export async function renameFirst(
  io: Io,
  { warehouse, graph, target }: OpenWorkspace,
  selected: ReadonlySet<string>,
): Promise<void> {
  const report = openReport(io, { planned: 0, width: 0 })
  for await (const event of executeRenames({ warehouse, graph, naming: target }, selected)) report.add(event)
}

function nothingToDo(io: Io, plan: Plan, request: ReturnType<typeof requestOf>): number {
  const held = heldPartitions(plan)
  if (io.logFormat === 'json') openReport(io, { planned: 0, width: 0, held }).close(NOTHING_DONE)
  else if (held > 0) io.out(`nothing done: ${plural(held, 'partition')} held back`)
  else io.out(`nothing to do: ${whyNothing(request)}`)
  return held > 0 ? 2 : 0
}

const NOTHING_DONE = { isInterrupted: false, left: 0, durationMs: 0 }

function whyNothing({ selected, states, range }: ReturnType<typeof requestOf>): string {
  const models = plural(selected.size, 'model')
  if (states !== undefined) return `no partition of ${models} is ${states.join(' or ')}`
  if (range !== undefined) return `${models} ${selected.size === 1 ? 'has' : 'have'} no partition there`
  return `${models} current`
}

interface ContextInput {
  readonly options: RunOptions
  readonly threads: number
  readonly isForced: boolean
  readonly deferred?: Deferred | undefined
}

/** What every part of a run needs, under a new run id. */
export function runContext(
  io: Io,
  open: OpenWorkspace,
  { options, threads, isForced, deferred }: ContextInput,
): RunContext {
  const { warehouse, graph, target, rendered } = open
  const naming = { ...target, deferred }
  return {
    warehouse,
    graph,
    naming,
    resolve: resolverFor(graph, naming),
    runId: `${new Date(io.clock.now()).toISOString().slice(0, 19)}Z-${randomBytes(3).toString('hex')}`,
    clock: io.clock,
    threads,
    isForced,
    isFailFast: options.failFast ?? false,
    limit: wholeNumber('--limit', options.limit) ?? Number.POSITIVE_INFINITY,
    signal: io.signal,
    seedSql: open.seedSql,
    locate: rendered.locate,
  }
}

async function printRun(
  io: Io,
  context: RunContext,
  plan: Plan,
  { planned, startedMs }: { planned: number; startedMs: number },
): Promise<number> {
  const width = Math.max(...plan.models.map(({ model }) => model.id.length))
  const report = openReport(io, { planned, width, held: heldPartitions(plan) })
  const { warehouse } = context
  await openRun(warehouse, warehouse.target, { runId: context.runId, command: 'run', kxVersion: version })
  let ended = 0
  const changed = new Map<string, number>()
  for await (const event of executePlan(context, plan)) {
    report.add(event)
    if (event.type !== 'step') continue
    ended += event.partitions
    const table = tableOf(context, event.model)
    changed.set(table, (changed.get(table) ?? 0) + event.written + event.deleted)
  }
  await refreshStatistics(warehouse, changed)
  const isInterrupted = context.signal.aborted
  const outcome = { isInterrupted, left: planned - ended, durationMs: io.clock.now() - startedMs }
  const code = report.close(outcome) || (heldPartitions(plan) > 0 ? 2 : 0)
  const status = isInterrupted ? 'interrupted' : code === 0 ? 'done' : 'failed'
  await closeRun(warehouse, warehouse.target, { runId: context.runId, status })
  return code
}

function tableOf({ graph, naming }: RunContext, id: string): string {
  const node = graph.nodes.get(id)
  return node?.kind === 'model' || node?.kind === 'seed' ? relationName(node, naming) : id
}
