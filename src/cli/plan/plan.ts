import { availableParallelism } from 'node:os'
import { formatReason, type Plan, type PlannedModel, planRun } from '../../runner/index.ts'
import { readStepSeconds } from '../../warehouse/index.ts'
import { deferralOf } from '../run/deferral.ts'
import { requestOf } from '../run/request.ts'
import type { RunOptions } from '../run/run.ts'
import { warnings } from '../run/warnings.ts'
import { assessModels } from '../shared/assess-models.ts'
import { count, duration, hourRanges, plural, rangeText, table } from '../shared/format.ts'
import { type Io, paint } from '../shared/io.ts'
import { eventLine } from '../shared/json-event.ts'
import { refuseShrunkSources } from '../shared/source-check.ts'
import { openWarehouseOf, openWorkspace, selectModels, threadsOf } from '../shared/workspace.ts'

/** `kx plan`: what run would do, and why; builds nothing. */
export async function planCommand(io: Io, options: RunOptions): Promise<number> {
  const connect = { command: 'plan', threads: 1 }
  await using workspace = await openWorkspace(io, options, { isWithoutTests: true, connect })
  const selected = selectModels(workspace, io, options)
  const request = requestOf(options, selected)
  if (selected.size === 0) return 0
  const threads = threadsOf(options, availableParallelism())
  await using open = await openWarehouseOf(workspace, io, { command: 'plan', threads })
  await refuseShrunkSources(open, selected)
  const nowMs = io.clock.now()
  const allowPartial = options.allowPartial ?? false
  const deferred = await deferralOf(open, { defer: options.defer, selected })
  const assessed = await assessModels(open, { selected, nowMs, allowPartial, deferred })
  const plan = planRun(assessed, request)
  for (const line of warnings(open, assessed, plan, nowMs)) io.err(`warning: ${line}`)
  const secondsByModel = await readStepSeconds(open.warehouse)
  const lines = plan.models.flatMap((planned) => linesOf(planned))
  if (io.logFormat === 'json') for (const line of lines) io.out(eventLine('plan', jsonOf(line)))
  else printPlan(io, lines, { plan, secondsByModel, threads })
  return 0
}

interface PlanLine {
  readonly model: string
  readonly startMs: number
  readonly endMs: number
  readonly partitions: number
  readonly certainty: 'certain' | 'possible'
  readonly reason: string
  readonly blockedBy: string | undefined
}

function jsonOf({ model, startMs, endMs, ...rest }: PlanLine): object {
  return { model, range: rangeText(startMs, endMs), ...rest }
}

/** Neighbouring partitions with one reason are one line. */
function linesOf({ model, partitions }: PlannedModel): PlanLine[] {
  const groups = new Map<string, { line: PlanLine; starts: number[] }>()
  for (const partition of partitions) {
    const { startMs, endMs, certainty, blockedBy } = partition
    const reason = formatReason(partition.reason)
    const key = `${certainty} ${reason} ${blockedBy ?? ''}`
    const known = groups.get(key)
    if (known) known.starts.push(startMs)
    else
      groups.set(key, {
        line: { model: model.id, startMs, endMs, partitions: 1, certainty, reason, blockedBy },
        starts: [startMs],
      })
  }
  const widthMs = model.grain === 'day' ? 86_400_000 : 3_600_000
  return [...groups.values()].flatMap(({ line, starts }) =>
    Number.isNaN(line.startMs)
      ? [line]
      : hourRanges(starts, widthMs).map(({ startMs, endMs }) => ({
          ...line,
          startMs,
          endMs,
          partitions: (endMs - startMs) / widthMs,
        })),
  )
}

function printPlan(
  io: Io,
  lines: readonly PlanLine[],
  {
    plan,
    secondsByModel,
    threads,
  }: { plan: Plan; secondsByModel: ReadonlyMap<string, number>; threads: number },
): void {
  if (lines.length === 0) {
    io.out('nothing to do')
    return
  }
  const rows = lines.map((line) => [
    line.blockedBy === undefined ? line.certainty : 'blocked',
    line.model,
    rangeText(line.startMs, line.endMs),
    count(line.partitions),
    line.blockedBy === undefined ? line.reason : `${line.blockedBy} is missing or failed`,
  ])
  for (const line of table(rows, [3])) io.out(paint(io, line.startsWith('possible') ? 'dim' : 'reset', line))
  const of = (certainty: string) =>
    lines.filter((line) => line.certainty === certainty).reduce((sum, line) => sum + line.partitions, 0)
  io.out(
    `${plural(of('certain'), 'partition')} certain, ${count(of('possible'))} possible${expected(plan, secondsByModel, threads)}`,
  )
}

function expected(plan: Plan, secondsByModel: ReadonlyMap<string, number>, threads: number): string {
  let seconds = 0
  for (const { model, partitions } of plan.models) {
    const each = secondsByModel.get(model.id)
    if (each === undefined && partitions.length > 0) return ''
    seconds += (each ?? 0) * partitions.length
  }
  return seconds === 0 ? '' : `, about ${duration((seconds * 1000) / threads)} by earlier runs`
}
