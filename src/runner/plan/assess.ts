import {
  DAY_MS,
  grainMs,
  HOUR_MS,
  type LedgerSnapshot,
  type ModelLedgerRows,
  partitionOf,
  type TimeRange,
} from '../../base/index.ts'
import { type LedgerInputs, ledgerInputs, ONCE } from './input-hashes.ts'
import { type InputVersions, inputRange } from './inputs.ts'
import type { PlanEdge, PlanModel, Reason } from './plan-model.ts'

export type PartitionState = 'current' | 'missing' | 'stale' | 'partial' | 'failed' | 'frozen'

/** One partition of a model that exists: what it is and, if it is not current, why. */
export interface AssessedPartition {
  /** ms since the epoch; NaN for what is built once. */
  readonly startMs: number
  readonly endMs: number
  readonly state: PartitionState
  readonly reason: Reason | undefined
  /** 0 when it holds nothing. */
  readonly version: number
  /** The hour is not over, or not settled: built only with --allow-partial. */
  readonly isEarly: boolean
  readonly failure: string | undefined
}

/** A model with all its partitions, oldest first. */
export interface AssessedModel {
  readonly model: PlanModel
  readonly partitions: readonly AssessedPartition[]
}

export interface AssessInput {
  /** Parents first. */
  readonly models: readonly PlanModel[]
  readonly ledger: LedgerSnapshot
  readonly nowMs: number
  readonly allowPartial: boolean
}

/** Gives every partition that exists its state, by comparing what was read with what there is now. */
export function assess(input: AssessInput): ReadonlyMap<string, AssessedModel> {
  const context = openContext(input)
  const assessed = new Map<string, AssessedModel>()
  for (const model of input.models) {
    context.extents.set(model.id, extentOf(model, context))
    assessed.set(model.id, { model, partitions: assessModel(model, context) })
  }
  return assessed
}

interface Context extends AssessInput {
  readonly inputs: LedgerInputs
  readonly pruned: ReadonlyMap<string, ReadonlySet<number>>
  readonly exceptions: ReadonlyMap<
    string,
    ReadonlyMap<number, { isPartial: boolean; failure: string | undefined }>
  >
  readonly extents: Map<string, TimeRange | undefined>
}

function openContext(input: AssessInput): Context {
  const pruned = new Map<string, ReadonlySet<number>>()
  for (const [id, rows] of input.ledger.sources) {
    if (rows.prunedStarts.length > 0)
      pruned.set(id, new Set(rows.prunedStarts.map((start) => start * HOUR_MS)))
  }
  const exceptions = new Map<string, Map<number, { isPartial: boolean; failure: string | undefined }>>()
  for (const { model, start, isPartial, failedWith, failure } of input.ledger.exceptions) {
    const own = exceptions.get(model) ?? new Map()
    exceptions.set(model, own)
    const shown = failedWith === undefined ? undefined : `${failedWith}: ${failure ?? ''}`
    own.set(Number.isNaN(start) ? ONCE : start * HOUR_MS, { isPartial, failure: shown })
  }
  return { ...input, inputs: ledgerInputs(input.ledger), pruned, exceptions, extents: new Map() }
}

/** From the earliest to the latest hour that the model's sources have, through any number of models. */
function extentOf(model: PlanModel, { inputs, extents }: Context): TimeRange | undefined {
  let range: TimeRange | undefined
  for (const edge of model.edges) {
    const read =
      edge.from === 'source' ? sourceExtent(inputs.versions.get(edge.parent)) : extents.get(edge.parent)
    if (read === undefined || edge.from === 'range') continue
    range =
      range === undefined
        ? read
        : { startMs: Math.min(range.startMs, read.startMs), endMs: Math.max(range.endMs, read.endMs) }
  }
  if (range === undefined || model.beginMs === undefined) return range
  return { startMs: model.beginMs, endMs: range.endMs }
}

function sourceExtent(rows: InputVersions | undefined): TimeRange | undefined {
  const first = rows?.startsMs[0]
  const last = rows?.startsMs.at(-1)
  return first === undefined || last === undefined ? undefined : { startMs: first, endMs: last + HOUR_MS }
}

function assessModel(model: PlanModel, context: Context): AssessedPartition[] {
  const stored = storedByStart(context.ledger.models.get(model.id))
  if (model.grain === undefined) return [assessPartition(model, undefined, stored.get(ONCE), context)]
  const extent = context.extents.get(model.id)
  if (extent === undefined) return []
  const width = grainMs(model.grain)
  const after = Math.max(0, ...model.edges.map(({ edge }) => aheadMs(edge.window)))
  const partitions: AssessedPartition[] = []
  for (
    let startMs = partitionOf(extent.startMs, model.grain).startMs;
    startMs < extent.endMs;
    startMs += width
  ) {
    const endMs = startMs + width
    const isEarly = endMs + after + model.settleMs > context.nowMs
    if (isEarly && !(context.allowPartial && startMs < context.nowMs)) break
    const assessed = assessPartition(model, { startMs, endMs }, stored.get(startMs), context)
    partitions.push(isEarly ? { ...assessed, isEarly } : assessed)
  }
  return partitions
}

function aheadMs(window: PlanEdge['edge']['window']): number {
  if (typeof window === 'string') return 0
  return window.after * (window.unit === 'hour' ? HOUR_MS : DAY_MS)
}

interface Stored {
  readonly version: number
  readonly codeHash: number
  readonly inputs: string
}

function storedByStart(rows: ModelLedgerRows | undefined): ReadonlyMap<number, Stored> {
  const stored = new Map<number, Stored>()
  rows?.starts.forEach((start, i) => {
    stored.set(Number.isNaN(start) ? ONCE : start * HOUR_MS, {
      version: rows.versions[i] ?? 0,
      codeHash: rows.codeHashes[i] ?? 0,
      inputs: rows.inputs[i] ?? '',
    })
  })
  return stored
}

function assessPartition(
  model: PlanModel,
  range: TimeRange | undefined,
  stored: Stored | undefined,
  context: Context,
): AssessedPartition {
  const exception = context.exceptions.get(model.id)?.get(range?.startMs ?? ONCE)
  const base = {
    startMs: range?.startMs ?? Number.NaN,
    endMs: range?.endMs ?? Number.NaN,
    version: stored?.version ?? 0,
    isEarly: false,
    failure: exception?.failure,
  }
  const reason =
    stored === undefined ? ({ kind: 'missing' } as const) : staleReason(model, range, stored, context)
  if (reason !== undefined && readsPruned(model, range, context)) return { ...base, state: 'frozen', reason }
  if (exception?.failure !== undefined) return { ...base, state: 'failed', reason: { kind: 'failed' } }
  if (stored === undefined) return { ...base, state: 'missing', reason }
  if (exception?.isPartial) return { ...base, state: 'partial', reason: { kind: 'partial' } }
  return reason === undefined ? { ...base, state: 'current', reason } : { ...base, state: 'stale', reason }
}

function staleReason(
  model: PlanModel,
  range: TimeRange | undefined,
  stored: Stored,
  context: Context,
): Reason | undefined {
  if (stored.codeHash !== model.codeHash) return { kind: 'code' }
  const { edges } = model
  if (edges.length === 1) {
    const only = edges[0]
    if (only !== undefined && Number(stored.inputs) !== context.inputs.hash(only, range))
      return inputReason(only)
    return undefined
  }
  const hashes = stored.inputs.split(':')
  const moved = edges.find((edge, i) => Number(hashes[i]) !== context.inputs.hash(edge, range))
  return moved === undefined ? undefined : inputReason(moved)
}

function inputReason(edge: PlanEdge): Reason {
  return { kind: 'input', parent: edge.parent }
}

function readsPruned(model: PlanModel, range: TimeRange | undefined, { pruned }: Context): boolean {
  if (range === undefined || pruned.size === 0) return false
  return model.edges.some((edge) => {
    const hours = pruned.get(edge.parent)
    const read = hours === undefined ? undefined : inputRange(edge.edge, range, edge.parentGrain)
    if (hours === undefined || read === undefined) return false
    return [...hours].some((at) => at >= read.startMs && at < read.endMs)
  })
}
