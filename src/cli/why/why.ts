import { HOUR_MS, KxError, parseTimeRange, partitionOf } from '../../base/index.ts'
import type { AssessedModel, AssessedPartition } from '../../runner/index.ts'
import { formatReason, inputRange } from '../../runner/index.ts'
import { readLastReason, readPartition } from '../../warehouse/index.ts'
import { assessModels } from '../shared/assess-models.ts'
import { count, rangeText } from '../shared/format.ts'
import { type Io, paint } from '../shared/io.ts'
import { eventLine } from '../shared/json-event.ts'
import { modelId } from '../shared/model-id.ts'
import {
  type GlobalOptions,
  type OpenWorkspace,
  openWarehouseOf,
  openWorkspace,
} from '../shared/workspace.ts'
import { sourceLines } from './source-lines.ts'
import type { WhyLine } from './why-line.ts'

/** `kx why MODEL HOUR`: what state a partition is in, and the chain of changes that made it so. */
export async function whyCommand(
  io: Io,
  name: string,
  key: string | undefined,
  options: GlobalOptions,
): Promise<number> {
  const connect = { command: 'why', threads: 1 }
  await using workspace = await openWorkspace(io, options, { isWithoutTests: true, connect })
  const id = modelId(workspace.graph.nodes.keys(), name)
  await using open = await openWarehouseOf(workspace, io, { command: 'why', threads: 1 })
  const assessed = await assessModels(open, {
    selected: new Set([id]),
    nowMs: io.clock.now(),
    allowPartial: true,
  })
  const model = assessed.get(id)
  if (model === undefined)
    throw new KxError('KX_REF_UNKNOWN', `${id} holds nothing of its own`, {
      hint: 'Ask about a table or view.',
    })
  const startMs = startOf(model, key)
  const lines = await explain(open, assessed, { id, startMs, depth: 0 })
  for (const line of lines) io.out(io.logFormat === 'json' ? jsonOf(line) : textOf(io, line))
  return 0
}

function jsonOf({ depth, told }: WhyLine): string {
  return eventLine('why', { depth, ...told })
}

function textOf(io: Io, { depth, text, told }: WhyLine): string {
  return `${'  '.repeat(depth)}${told.about === 'partition' ? paint(io, 'bold', text) : text}`
}

function startOf({ model }: AssessedModel, key: string | undefined): number {
  if (model.grain === undefined) return Number.NaN
  if (key === undefined) {
    throw new KxError('KX_USAGE', `${model.id} is built by the ${model.grain}: which one?`, {
      hint: `Write kx why ${model.id} 2024-05-01${model.grain === 'hour' ? 'T13' : ''}.`,
    })
  }
  const { startMs, endMs } = parseTimeRange(key)
  const only = partitionOf(startMs, model.grain)
  if (endMs > only.endMs) {
    throw new KxError('KX_USAGE', `kx why explains one partition, and '${key}' is several`, {
      hint: `Write one ${model.grain}: kx why ${model.id} ${only.key}. kx status shows them all.`,
    })
  }
  return only.startMs
}

/** Parents of one partition that are worth telling: a whole day of hours would say the same 24 times. */
const TOLD_PARENTS = 3

async function explain(
  open: OpenWorkspace,
  assessed: ReadonlyMap<string, AssessedModel>,
  { id, startMs, depth }: { id: string; startMs: number; depth: number },
): Promise<WhyLine[]> {
  const one = assessed.get(id)
  const partition = one?.partitions.startingAt(startMs)
  if (one === undefined || partition === undefined) {
    const range = rangeText(startMs, startMs + HOUR_MS)
    const reason = 'its sources have no rows there, or it is not due'
    return [
      {
        depth,
        text: `${id} ${range}  does not exist: ${reason}`,
        told: { about: 'partition', model: id, range, state: 'none', reason },
      },
    ]
  }
  const lines: WhyLine[] = [{ depth, ...stateOf(id, partition) }]
  lines.push(...(await ledgerLines(open, id, partition, depth + 1)))
  for (const edge of one.model.edges) {
    const range = edgeRange(edge, partition)
    if (edge.from === 'source' || edge.from === 'range') {
      lines.push(...(await sourceLines(open, edge.parent, range, depth + 1)))
    } else if (edge.from === 'model') {
      const parents = (assessed.get(edge.parent)?.partitions.between(range.startMs, range.endMs) ?? []).sort(
        byInterest,
      )
      for (const parent of parents.slice(0, TOLD_PARENTS)) {
        lines.push(
          ...(await explain(open, assessed, { id: edge.parent, startMs: parent.startMs, depth: depth + 1 })),
        )
      }
      if (parents.length > TOLD_PARENTS) {
        const partitions = parents.length - TOLD_PARENTS
        lines.push({
          depth: depth + 1,
          text: `and ${partitions} partitions of ${edge.parent} that moved earlier`,
          told: { about: 'more', model: edge.parent, partitions },
        })
      }
    }
  }
  return lines
}

/** What is not current first, then what moved last. */
function byInterest(a: AssessedPartition, b: AssessedPartition): number {
  const isBehind = ({ state }: AssessedPartition) => Number(state !== 'current')
  return isBehind(b) - isBehind(a) || b.version - a.version
}

function edgeRange(edge: AssessedModel['model']['edges'][number], partition: AssessedPartition) {
  return (
    inputRange(edge.edge, Number.isNaN(partition.startMs) ? undefined : partition, edge.parentGrain) ?? {
      startMs: Number.NEGATIVE_INFINITY,
      endMs: Number.POSITIVE_INFINITY,
    }
  )
}

function stateOf(
  id: string,
  { startMs, endMs, state, reason: cause, failure }: AssessedPartition,
): Pick<WhyLine, 'text' | 'told'> {
  const isUnexplained = cause === undefined || state === 'missing'
  const reason = failure ?? (isUnexplained ? undefined : formatReason(cause))
  const range = rangeText(startMs, endMs)
  return {
    text: `${id} ${range}  ${state}${reason ? `: ${reason}` : ''}`,
    told: { about: 'partition', model: id, range, state, reason: reason || undefined },
  }
}

async function ledgerLines(
  open: OpenWorkspace,
  id: string,
  { startMs }: AssessedPartition,
  depth: number,
): Promise<WhyLine[]> {
  const line = await readPartition(open.warehouse, { model: id, startMs })
  if (line?.run_id === null || line === undefined)
    return [{ depth, text: 'never built', told: { about: 'build' } }]
  const reason = await readLastReason(open.warehouse, { model: id, runId: line.run_id, startMs })
  const builtAt = shortTime(line.built_at)
  const rows = line.rows ?? 0
  const version = Number(line.version)
  return [
    {
      depth,
      text: `built ${builtAt} by run ${line.run_id}${reason === undefined ? '' : ` (${reason})`}: ${count(rows)} rows, version ${version}`,
      told: { about: 'build', builtAt, run: String(line.run_id), reason, rows, version },
    },
  ]
}

function shortTime(text: string | null): string {
  return text === null ? 'never' : `${text.slice(0, 19).replace(' ', 'T')}Z`
}
