import { HOUR_MS, KxError, parseTimeRange, partitionOf } from '../../base/index.ts'
import type { AssessedModel, AssessedPartition } from '../../runner/index.ts'
import { formatReason, inputRange } from '../../runner/index.ts'
import { readLastReason, readPartition } from '../../warehouse/index.ts'
import { assessModels } from '../shared/assess-models.ts'
import { count, rangeText } from '../shared/format.ts'
import { type Io, paint } from '../shared/io.ts'
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
  for (const { depth, text, isState } of lines)
    io.out(`${'  '.repeat(depth)}${isState ? paint(io, 'bold', text) : text}`)
  return 0
}

function startOf({ model }: AssessedModel, key: string | undefined): number {
  if (model.grain === undefined) return Number.NaN
  if (key === undefined) {
    throw new KxError('KX_USAGE', `${model.id} is built by the ${model.grain}: which one?`, {
      hint: `Write kx why ${model.id} 2024-05-01${model.grain === 'hour' ? 'T13' : ''}.`,
    })
  }
  return partitionOf(parseTimeRange(key).startMs, model.grain).startMs
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
    return [
      {
        depth,
        text: `${id} ${rangeText(startMs, startMs + HOUR_MS)}  does not exist: its sources have no rows there, or it is not due`,
        isState: true,
      },
    ]
  }
  const lines: WhyLine[] = [{ depth, text: stateText(id, partition), isState: true }]
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
        lines.push({
          depth: depth + 1,
          text: `and ${parents.length - TOLD_PARENTS} partitions of ${edge.parent} that moved earlier`,
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

function stateText(id: string, { startMs, endMs, state, reason, failure }: AssessedPartition): string {
  const why =
    failure !== undefined ? failure : reason === undefined || state === 'missing' ? '' : formatReason(reason)
  return `${id} ${rangeText(startMs, endMs)}  ${state}${why === '' ? '' : `: ${why}`}`
}

async function ledgerLines(
  open: OpenWorkspace,
  id: string,
  { startMs }: AssessedPartition,
  depth: number,
): Promise<WhyLine[]> {
  const line = await readPartition(open.warehouse, { model: id, startMs })
  if (line?.run_id === null || line === undefined) return [{ depth, text: 'never built' }]
  const reason = await readLastReason(open.warehouse, { model: id, runId: line.run_id, startMs })
  return [
    {
      depth,
      text: `built ${shortTime(line.built_at)} by run ${line.run_id}${reason === undefined ? '' : ` (${reason})`}: ${count(line.rows ?? 0)} rows, version ${line.version}`,
    },
  ]
}

function shortTime(text: string | null): string {
  return text === null ? 'never' : `${text.slice(0, 19).replace(' ', 'T')}Z`
}
