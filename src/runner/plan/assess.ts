import {
  DAY_MS,
  grainMs,
  HOUR_MS,
  type LedgerSnapshot,
  type ModelLedgerRows,
  partitionOf,
  type TimeRange,
} from '../../base/index.ts'
import { changedVars } from './changed-vars.ts'
import { type LedgerInputs, ledgerInputs, ONCE } from './input-hashes.ts'
import { type InputVersions, inputRange, lowerBound } from './inputs.ts'
import { NO_PARTITIONS, type PartitionNote, type Partitions, partitionsOf } from './partitions.ts'
import type { PlanEdge, PlanModel, Reason } from './plan-model.ts'

/** A model with all its partitions, oldest first. */
export interface AssessedModel {
  readonly model: PlanModel
  readonly partitions: Partitions
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
    const partitions = assessModel(model, context)
    const gone = goneFrom(partitions)
    if (gone.length > 0) context.pruned.set(model.id, gone)
    assessed.set(model.id, { model, partitions })
  }
  return assessed
}

/** Frozen before they were ever built: what reads them is frozen too. */
function goneFrom(partitions: Partitions): number[] {
  if (partitions.count('frozen') === 0) return []
  const gone = partitions.behind().filter(({ state, version }) => state === 'frozen' && version === 0)
  return gone.map(({ startMs }) => startMs)
}

interface Exception {
  readonly isPartial: boolean
  readonly failure: string | undefined
}

interface Context extends AssessInput {
  readonly inputs: LedgerInputs
  /** Starts of partitions that are gone, sorted, by source or model. */
  readonly pruned: Map<string, readonly number[]>
  readonly exceptions: ReadonlyMap<string, ReadonlyMap<number, Exception>>
  readonly extents: Map<string, TimeRange | undefined>
  /** Where the last due partition of each model ends. */
  readonly dueUntils: Map<string, number>
  readonly codeReasons: Map<string, Reason>
}

function openContext(input: AssessInput): Context {
  const pruned = new Map<string, readonly number[]>()
  for (const [id, rows] of input.ledger.sources) {
    const startsMs = rows.prunedStarts.map((start) => start * HOUR_MS).sort((a, b) => a - b)
    if (startsMs.length > 0) pruned.set(id, startsMs)
  }
  const exceptions = new Map<string, Map<number, Exception>>()
  for (const { model, start, isPartial, failedWith, failure } of input.ledger.exceptions) {
    const own = exceptions.get(model) ?? new Map()
    exceptions.set(model, own)
    const shown = failedWith === undefined ? undefined : `${failedWith}: ${failure ?? ''}`
    own.set(Number.isNaN(start) ? ONCE : start * HOUR_MS, { isPartial, failure: shown })
  }
  return {
    ...input,
    inputs: ledgerInputs(input.ledger),
    pruned,
    exceptions,
    extents: new Map(),
    dueUntils: new Map(),
    codeReasons: new Map(),
  }
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
  const last = rows?.startsMs[rows.startsMs.length - 1]
  return first === undefined || last === undefined ? undefined : { startMs: first, endMs: last + HOUR_MS }
}

function assessModel(model: PlanModel, context: Context): Partitions {
  const extent = model.grain === undefined ? undefined : context.extents.get(model.id)
  if (model.grain !== undefined && extent === undefined) return NO_PARTITIONS
  const widthMs = model.grain === undefined ? Number.NaN : grainMs(model.grain)
  const firstMs =
    model.grain === undefined || extent === undefined
      ? Number.NaN
      : partitionOf(extent.startMs, model.grain).startMs
  const { length, earlyFrom } = lengthOf(model, { firstMs, widthMs, endMs: extent?.endMs ?? 0 }, context)
  const exceptions = context.exceptions.get(model.id)
  const stored = storedRows(context.ledger.models.get(model.id), { firstMs, widthMs, length })
  const versions = new Float64Array(length)
  const notes = new Map<number, PartitionNote>()
  for (let index = 0; index < length; index++) {
    const startMs = firstMs + index * widthMs
    const range = model.grain === undefined ? undefined : { startMs, endMs: startMs + widthMs }
    const row = stored.at(index)
    if (row !== undefined) versions[index] = row.version
    const note = noteOn(
      model,
      { range, isEarly: index >= earlyFrom },
      { row, exception: exceptions?.get(range?.startMs ?? ONCE) },
      context,
    )
    if (note !== undefined) notes.set(index, note)
  }
  return partitionsOf({ firstMs, widthMs, versions, notes, earlyFrom })
}

/** How many partitions there are, and from which on they are not due. */
function lengthOf(
  model: PlanModel,
  { firstMs, widthMs, endMs }: { firstMs: number; widthMs: number; endMs: number },
  context: Context,
): { length: number; earlyFrom: number } {
  if (model.grain === undefined) return { length: 1, earlyFrom: 1 }
  const { nowMs, allowPartial } = context
  const untilMs = Math.floor(dueUntil(model, context) / widthMs) * widthMs
  context.dueUntils.set(model.id, untilMs)
  const existing = Math.max(0, Math.ceil((endMs - firstMs) / widthMs))
  const due = Math.max(0, (untilMs - firstMs) / widthMs)
  const begun = allowPartial ? Math.max(0, Math.ceil((nowMs - firstMs) / widthMs)) : due
  return { length: Math.min(existing, Math.max(due, begun)), earlyFrom: due }
}

/** Where the last partition may end for all its windows to have ended and settled, in its parents too. */
function dueUntil({ edges, settleMs }: PlanModel, { nowMs, dueUntils }: Context): number {
  const settledMs = nowMs - settleMs
  const ends = edges.map(({ edge, from, parent }) => {
    if (edge.window === 'none' || edge.kind === 'previous') return settledMs
    const untilMs = from === 'model' ? Math.min(settledMs, dueUntils.get(parent) ?? settledMs) : settledMs
    if (edge.window === 'own') return untilMs
    const { unit, after } = edge.window
    return unit === 'hour' ? untilMs - after * HOUR_MS : (Math.floor(untilMs / DAY_MS) - after) * DAY_MS
  })
  return Math.min(settledMs, ...ends)
}

interface Stored {
  readonly version: number
  readonly codeHash: number
  readonly inputs: string | number
}

/** A model's ledger rows by the place of their partition. */
function storedRows(
  rows: ModelLedgerRows | undefined,
  { firstMs, widthMs, length }: { firstMs: number; widthMs: number; length: number },
): { at(index: number): Stored | undefined } {
  const rowByIndex = new Int32Array(length).fill(-1)
  rows?.starts.forEach((start, row) => {
    // Rows of another grain, from before the model had this one, have no place.
    const index = Number.isNaN(firstMs) && Number.isNaN(start) ? 0 : (start * HOUR_MS - firstMs) / widthMs
    if (index >= 0 && index < length && Number.isInteger(index)) rowByIndex[index] = row
  })
  return {
    at(index) {
      const row = rowByIndex[index] ?? -1
      if (rows === undefined || row < 0) return undefined
      return {
        version: rows.versions[row] ?? 0,
        codeHash: rows.codeHashes[row] ?? 0,
        inputs: rows.inputs[row] ?? '',
      }
    },
  }
}

/** What is not plain of a partition; undefined if it is current. */
function noteOn(
  model: PlanModel,
  { range, isEarly }: { range: TimeRange | undefined; isEarly: boolean },
  { row: stored, exception }: { row: Stored | undefined; exception: Exception | undefined },
  context: Context,
): PartitionNote | undefined {
  const failure = exception?.failure
  const reason =
    stored === undefined ? ({ kind: 'missing' } as const) : staleReason(model, range, stored, context)
  if (reason !== undefined && readsPruned(model, range, context)) return { state: 'frozen', reason, failure }
  if (failure !== undefined) return { state: 'failed', reason: { kind: 'failed' }, failure }
  if (stored === undefined) return { state: 'missing', reason, failure }
  if (exception?.isPartial)
    return { state: 'partial', reason: isEarly ? reason : { kind: 'partial' }, failure }
  return reason === undefined ? undefined : { state: 'stale', reason, failure }
}

function staleReason(
  model: PlanModel,
  range: TimeRange | undefined,
  stored: Stored,
  context: Context,
): Reason | undefined {
  if (stored.codeHash !== model.codeHash) return codeReason(model, stored.codeHash, context)
  const { edges } = model
  if (edges.length === 1) {
    const only = edges[0]
    if (only !== undefined && Number(stored.inputs) !== context.inputs.hash(only, range))
      return inputReason(only)
    return undefined
  }
  const hashes = String(stored.inputs).split(':')
  const moved = edges.find((edge, i) => Number(hashes[i]) !== context.inputs.hash(edge, range))
  return moved === undefined ? undefined : inputReason(moved)
}

/** One for all partitions of one code: there may be many. */
function codeReason(model: PlanModel, codeHash: number, { ledger, codeReasons }: Context): Reason {
  const key = `${model.id} ${codeHash}`
  const known = codeReasons.get(key)
  if (known !== undefined) return known
  const reason: Reason = {
    kind: 'code',
    vars: changedVars(ledger.vars.get(model.id)?.get(codeHash), model.vars),
  }
  codeReasons.set(key, reason)
  return reason
}

function inputReason(edge: PlanEdge): Reason {
  return { kind: 'input', parent: edge.parent }
}

function readsPruned(model: PlanModel, range: TimeRange | undefined, { pruned }: Context): boolean {
  if (range === undefined || pruned.size === 0) return false
  return model.edges.some((edge) => {
    const startsMs = pruned.get(edge.parent)
    const read = startsMs === undefined ? undefined : inputRange(edge.edge, range, edge.parentGrain)
    if (startsMs === undefined || read === undefined) return false
    return (startsMs[lowerBound(startsMs, read.startMs)] ?? Number.POSITIVE_INFINITY) < read.endMs
  })
}
