import { availableParallelism } from 'node:os'
import { parseTimeRange } from '../../base/index.ts'
import { executeVerify, type VerifiedModel, type VerifyEvent } from '../../runner/check/index.ts'
import { differenceJson, differenceLines } from '../diff/difference-lines.ts'
import { rangeBetween } from '../run/request.ts'
import { runContext } from '../run/run.ts'
import { assessModels } from '../shared/assess-models.ts'
import { duration, plural, rangeText } from '../shared/format.ts'
import { type Io, paint } from '../shared/io.ts'
import { eventLine } from '../shared/json-event.ts'
import { printError } from '../shared/report-error.ts'
import {
  type GlobalOptions,
  type OpenWorkspace,
  openWarehouseOf,
  openWorkspace,
  selectModels,
  threadsOf,
} from '../shared/workspace.ts'

/** Options of `kx verify`. */
export interface VerifyOptions extends GlobalOptions {
  readonly select?: string[]
  readonly exclude?: string[]
  readonly strict?: boolean
  readonly partition?: string
  readonly from?: string
  readonly to?: string
}

/** Partitions of each model that are verified if none are named: the newest. */
const NEWEST = 24
/** Rows of each kind that are shown. */
const SHOWN_ROWS = 5

/** `kx verify`: builds hours twice and compares, changing nothing. Exit 1 when the rows differ. */
export async function verifyCommand(io: Io, options: VerifyOptions): Promise<number> {
  const workspace = await openWorkspace(io, options)
  const selected = selectModels(workspace, io, options)
  if (selected.size === 0) return 0
  const threads = threadsOf(options, availableParallelism())
  await using open = await openWarehouseOf(workspace, io, { command: 'verify', threads })
  const models = await verifiedModels(io, open, { selected, options })
  const context = runContext(io, open, { options, threads, isForced: false })
  const width = Math.max(0, ...models.map(({ plan }) => plan.id.length))
  const startedMs = io.clock.now()
  let different = 0
  let partitions = 0
  for await (const event of executeVerify(context, models, { limitRows: SHOWN_ROWS })) {
    if (event.status !== 'same') different++
    if (event.way === 'again') partitions += event.partitions
    if (io.logFormat === 'json') io.out(JSON.stringify(verifyJson(event)))
    else printEvent(io, event, width)
  }
  const durationMs = io.clock.now() - startedMs
  if (io.logFormat === 'json') {
    io.out(eventLine('summary', { partitions, different, durationMs }))
  } else if (partitions === 0) io.out('nothing to verify: no built partition is selected')
  else {
    const outcome = different === 0 ? paint(io, 'green', 'the same') : paint(io, 'red', 'different')
    io.out(`${outcome}  ${plural(partitions, 'partition')} built twice in ${duration(durationMs)}`)
  }
  if (io.signal.aborted) return 130
  return different === 0 ? 0 : 1
}

async function verifiedModels(
  io: Io,
  open: OpenWorkspace,
  { selected, options }: { selected: ReadonlySet<string>; options: VerifyOptions },
): Promise<VerifiedModel[]> {
  const range = options.partition === undefined ? undefined : parseTimeRange(options.partition)
  const within = range ?? rangeBetween(options.from, options.to)
  const assessed = await assessModels(open, { selected, nowMs: io.clock.now(), allowPartial: false })
  return [...assessed.values()].flatMap(({ model: plan, partitions }) => {
    const node = open.graph.nodes.get(plan.id)
    if (!selected.has(plan.id) || node?.kind !== 'model' || plan.kind === 'view') return []
    if (node.config.strategy !== 'replace') {
      io.err(
        `warning: ${plan.id}: strategy '${node.config.strategy}' keeps what it once wrote, so its table also depends on history`,
      )
    }
    const built = partitions.filter(({ version }) => version > 0)
    const asked = built.filter(
      (one) =>
        within === undefined ||
        Number.isNaN(one.startMs) ||
        (one.startMs >= within.startMs && one.endMs <= within.endMs),
    )
    return [{ plan, node, partitions: within === undefined ? asked.slice(-NEWEST) : asked }]
  })
}

const WAYS = {
  again: { text: 'built twice', left: 'the first time', right: 'the second time' },
  batched: { text: 'hour by hour and together', left: 'hour by hour', right: 'together' },
} as const

function printEvent(io: Io, event: VerifyEvent, width: number): void {
  const { model, way, status, startMs, endMs, durationMs, columns, difference, error } = event
  const color = status === 'same' ? 'green' : 'red'
  const name = paint(io, color, status.padEnd(9))
  io.out(
    `${name} ${model.padEnd(width)}  ${rangeText(startMs, endMs)}  ${WAYS[way].text}  ${duration(durationMs)}`,
  )
  if (error !== undefined) printError(io, error)
  if (difference === undefined || status === 'same') return
  for (const line of differenceLines(difference, { columns, sides: WAYS[way] })) io.out(`  ${line}`)
  io.out(`  → ${adviceFor(way)}`)
}

function adviceFor(way: VerifyEvent['way']): string {
  if (way === 'batched') return 'Drop batch from the config, or make each row depend on its own hour alone.'
  return 'Look for now(), random(), a tie that order by leaves open, or a sum without a fixed order.'
}

function verifyJson(event: VerifyEvent): object {
  const { model, way, status, startMs, endMs, partitions, durationMs, columns, difference, error } = event
  return {
    type: 'verify',
    model,
    way,
    status,
    range: rangeText(startMs, endMs),
    partitions,
    ...(difference === undefined ? {} : differenceJson(difference, columns)),
    duration_ms: durationMs,
    error: error && { code: error.code, message: error.message, hint: error.hint, at: error.at },
  }
}
