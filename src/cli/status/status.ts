import { KxError, parseDuration, partitionKey } from '../../base/index.ts'
import { type AssessedModel, type PartitionState, renamesOf } from '../../runner/index.ts'
import { readRelations } from '../../warehouse/index.ts'
import { rangeBetween } from '../run/request.ts'
import { lagOf } from '../run/warnings.ts'
import { assessModels } from '../shared/assess-models.ts'
import { count, duration, rangeText, table } from '../shared/format.ts'
import { type Io, paint } from '../shared/io.ts'
import { eventLine } from '../shared/json-event.ts'
import { type GlobalOptions, openWarehouseOf, openWorkspace, selectModels } from '../shared/workspace.ts'
import { gridLines } from './grid.ts'

/** Options of `kx status`. */
export interface StatusOptions extends GlobalOptions {
  readonly select?: string[]
  readonly exclude?: string[]
  readonly from?: string
  readonly to?: string
  readonly maxLag?: string
  readonly strict?: boolean
}

/** `kx status`: counts and the grid of hours; with --max-lag exit 1 when data is behind. */
export async function statusCommand(io: Io, options: StatusOptions): Promise<number> {
  const maxLagMs = options.maxLag === undefined ? undefined : parseDuration(options.maxLag)
  if (options.maxLag !== undefined && maxLagMs === undefined) {
    throw new KxError('KX_USAGE', `--max-lag ${options.maxLag} is not a time`, {
      hint: 'Write --max-lag 2h.',
    })
  }
  const connect = { command: 'status', threads: 1 }
  await using workspace = await openWorkspace(io, options, { isWithoutTests: true, connect })
  const selected = selectModels(workspace, io, options)
  await using open = await openWarehouseOf(workspace, io, { command: 'status', threads: 1 })
  const nowMs = io.clock.now()
  const all = await assessModels(open, { selected, nowMs, allowPartial: false })
  const within = rangeBetween(options.from, options.to)
  const models = [...all.values()]
    .filter(({ model }) => selected.has(model.id))
    .map(({ model, partitions }) => ({
      model,
      partitions: within === undefined ? partitions : partitions.within(within),
    }))
  const renamed = new Set(renamesOf(open.graph).values())
  const relations = await readRelations(open.warehouse, open.target)
  const orphans = [...relations.keys()].filter((id) => !open.graph.nodes.has(id) && !renamed.has(id)).sort()
  if (io.logFormat === 'json') printJson(io, models, orphans)
  else printStatus(io, models, orphans)
  return maxLagMs === undefined ? 0 : checkLag(io, models, { nowMs, maxLagMs })
}

function printStatus(io: Io, models: readonly AssessedModel[], orphans: readonly string[]): void {
  const rows = models.map(({ model, partitions }) => {
    const of = (state: PartitionState) => count(partitions.count(state))
    const first = partitions.at(0)
    const last = partitions.at(-1)
    const range =
      first === undefined || last === undefined ? 'no hours' : rangeText(first.startMs, last.endMs)
    return [
      model.id,
      range,
      of('current'),
      of('missing'),
      of('stale'),
      of('partial'),
      of('failed'),
      of('frozen'),
    ]
  })
  const head = ['model', 'hours', 'current', 'missing', 'stale', 'partial', 'failed', 'frozen']
  for (const line of table([head, ...rows], [2, 3, 4, 5, 6, 7])) io.out(line)
  for (const line of gridLines(io, models)) io.out(line)
  for (const id of orphans)
    io.out(
      `${paint(io, 'yellow', 'orphaned')}  ${id} has a table and no model: kx clean --relations --yes drops it`,
    )
}

function printJson(io: Io, models: readonly AssessedModel[], orphans: readonly string[]): void {
  for (const { model, partitions } of models) {
    const counts: Record<string, number> = { current: partitions.count('current') }
    for (const { state } of partitions.behind()) counts[state] = (counts[state] ?? 0) + 1
    const behind = partitions.behind().map((p) => ({
      partition: Number.isNaN(p.startMs) ? 'once' : partitionKey(p.startMs, model.grain),
      state: p.state,
    }))
    io.out(eventLine('model', { model: model.id, counts, behind }))
  }
  for (const id of orphans) io.out(eventLine('orphan', { model: id }))
}

/** Behind: the newest hour is too old, or something older than the limit is not current. */
function checkLag(
  io: Io,
  models: readonly AssessedModel[],
  { nowMs, maxLagMs }: { nowMs: number; maxLagMs: number },
): number {
  const lagMs = lagOf(new Map(models.map((one) => [one.model.id, one])), nowMs)
  const behind = models.flatMap(({ model, partitions }) =>
    partitions
      .behind()
      .filter((p) => p.state !== 'frozen' && !(p.endMs > nowMs - maxLagMs))
      .map(
        (p) =>
          `${model.id} ${Number.isNaN(p.startMs) ? 'once' : partitionKey(p.startMs, model.grain)} ${p.state}`,
      ),
  )
  const isLate = lagMs !== undefined && lagMs > maxLagMs
  if (isLate)
    io.err(`behind: the newest hour ended ${duration(lagMs)} ago, --max-lag is ${duration(maxLagMs)}`)
  for (const line of behind.slice(0, 50)) io.err(`behind: ${line}`)
  if (behind.length > 50) io.err(`behind: and ${behind.length - 50} more`)
  return isLate || behind.length > 0 ? 1 : 0
}
