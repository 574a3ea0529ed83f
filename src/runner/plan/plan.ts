import type { TimeRange } from '../../base/index.ts'
import type { AssessedModel } from './assess.ts'
import { inputRange, lowerBound } from './inputs.ts'
import type { AssessedPartition, PartitionState, Partitions } from './partitions.ts'
import type { PlanModel, Reason } from './plan-model.ts'

/** What the user asked to be built. */
export interface PlanRequest {
  /** Ids of the models to build; parents outside are not built. */
  readonly selected: ReadonlySet<string>
  /** Build these hours whatever their state. */
  readonly range: TimeRange | undefined
  /** Build only partitions in these states, within `within`. */
  readonly states: readonly PartitionState[] | undefined
  readonly within: TimeRange | undefined
  readonly isFullRefresh: boolean
  /** Frozen partitions too. */
  readonly isForced: boolean
  /** Protected models may be rebuilt whole. */
  readonly isConfirmed: boolean
}

/** One partition to build. */
export interface PlannedPartition {
  readonly startMs: number
  readonly endMs: number
  readonly reason: Reason
  /** Certain: its own input changed. Possible: a parent will be rebuilt, and may come out equal. */
  readonly certainty: 'certain' | 'possible'
  readonly state: PartitionState
  readonly isEarly: boolean
  /** A parent partition that it needs, is not there and will not be built. */
  readonly blockedBy: string | undefined
}

export interface PlannedModel {
  readonly model: PlanModel
  /** Oldest first. */
  readonly partitions: readonly PlannedPartition[]
  /** Starts of the partitions that nothing blocks. */
  readonly startsMs: ReadonlySet<number>
  /** Frozen partitions that would be stale or missing. */
  readonly frozen: number
  /** Partitions outside the request that the request makes stale. */
  readonly leftStale: readonly { readonly startMs: number; readonly endMs: number }[]
  /** Rebuilds held back because the model is protected. */
  readonly protectedHours: number
}

/** What is to be done, decided once; `run` builds a subset of it and nothing else. */
export interface Plan {
  /** Parents first; only models with something to say. */
  readonly models: readonly PlannedModel[]
  /** Parents not selected whose partitions are stale though they will be read: id → count. */
  readonly staleParents: ReadonlyMap<string, number>
}

/** More rebuilt hours than this of a protected model, for code alone, need a word from the user. */
const PROTECTED_HOURS = 720

/** Decides what to build, and touches nothing: the same input always gives the same plan. */
export function planRun(assessed: ReadonlyMap<string, AssessedModel>, request: PlanRequest): Plan {
  const planned = new Map<string, PlannedModel>()
  for (const one of assessed.values()) {
    if (request.selected.has(one.model.id))
      planned.set(one.model.id, planModel(one, assessed, planned, request))
  }
  const models = [...planned.values()]
  return { models, staleParents: staleParentsOf(models, assessed, request.selected) }
}

/** How many stale partitions of each parent that is not built will be read. */
function staleParentsOf(
  models: readonly PlannedModel[],
  assessed: ReadonlyMap<string, AssessedModel>,
  selected: ReadonlySet<string>,
): Map<string, number> {
  const startsByParent = new Map<string, Set<number>>()
  for (const { model, partitions } of models) {
    for (const edge of model.edges) {
      const parent = selected.has(edge.parent) ? undefined : assessed.get(edge.parent)?.partitions
      if (parent === undefined || parent.count('stale') === 0) continue
      const known = startsByParent.get(edge.parent) ?? new Set()
      for (const partition of partitions) {
        const read = inputRange(edge.edge, rangeOf(partition), edge.parentGrain)
        const rows = read === undefined ? [] : parent.between(read.startMs, read.endMs)
        for (const { state, startMs } of rows) if (state === 'stale') known.add(startMs)
      }
      if (known.size > 0) startsByParent.set(edge.parent, known)
    }
  }
  return new Map([...startsByParent].map(([id, starts]) => [id, starts.size]))
}

/** Undefined for what is built once. */
function rangeOf(partition: TimeRange): TimeRange | undefined {
  return Number.isNaN(partition.startMs) ? undefined : partition
}

function planModel(
  { model, partitions }: AssessedModel,
  assessed: ReadonlyMap<string, AssessedModel>,
  planned: ReadonlyMap<string, PlannedModel>,
  request: PlanRequest,
): PlannedModel {
  const touched = touchedBy(model, planned)
  const blocker = blockedBy(model, assessed, planned)
  const ownPast: PlannedPartition[] = []
  const chosen: PlannedPartition[] = []
  const leftStale: { startMs: number; endMs: number }[] = []
  let frozen = 0
  for (const partition of partitions) {
    const parent = touched(partition) ?? touchedByOwnPast(model, partition, ownPast)
    const choice = choose(partition, parent, request)
    if (choice === 'frozen') frozen++
    else if (choice === 'outside') leftStale.push(partition)
    else if (choice !== undefined) {
      const { startMs, endMs, state, isEarly } = partition
      const { reason, certainty } = choice
      const step = { startMs, endMs, reason, certainty, state, isEarly, blockedBy: blocker(partition) }
      chosen.push(step)
      ownPast.push(step)
    }
  }
  const codeOnly = chosen.filter(({ reason }) => reason.kind === 'code').length
  const hours = codeOnly * (model.grain === 'day' ? 24 : 1)
  const isHeld = model.isProtected && hours > PROTECTED_HOURS && !request.isConfirmed
  const kept = isHeld ? chosen.filter(({ reason }) => reason.kind !== 'code') : chosen
  const startsMs = new Set(kept.filter((p) => p.blockedBy === undefined).map((p) => p.startMs))
  return { model, partitions: kept, startsMs, frozen, leftStale, protectedHours: isHeld ? codeOnly : 0 }
}

type Choice = { reason: Reason; certainty: 'certain' | 'possible' } | 'frozen' | 'outside' | undefined

function choose(partition: AssessedPartition, parent: string | undefined, request: PlanRequest): Choice {
  const { state, reason } = partition
  const isOnce = Number.isNaN(partition.startMs)
  if (request.range !== undefined && !isOnce && !isWithin(partition, request.range)) {
    return parent === undefined ? undefined : 'outside'
  }
  if (request.within !== undefined && !isOnce && !isWithin(partition, request.within)) return undefined
  if (state === 'frozen' && !request.isForced) return 'frozen'
  if (request.isFullRefresh) return { reason: reason ?? { kind: 'refresh' }, certainty: 'certain' }
  if (request.range !== undefined && !isOnce)
    return { reason: reason ?? { kind: 'requested' }, certainty: 'certain' }
  if (request.states !== undefined && !request.states.includes(state)) {
    return parent !== undefined && request.states.includes('stale') ? possible(parent) : undefined
  }
  if (reason !== undefined) return { reason, certainty: 'certain' }
  return parent === undefined ? undefined : possible(parent)
}

function possible(parent: string): Choice {
  return { reason: { kind: 'input', parent }, certainty: 'possible' }
}

function isWithin(partition: TimeRange, range: TimeRange): boolean {
  return partition.startMs >= range.startMs && partition.endMs <= range.endMs
}

/** Tells for a partition which planned parent, if any, it reads from. */
function touchedBy(
  model: PlanModel,
  planned: ReadonlyMap<string, PlannedModel>,
): (partition: AssessedPartition) => string | undefined {
  const parents = model.edges.flatMap((edge) => {
    const parent = edge.from === 'model' ? planned.get(edge.parent) : undefined
    return parent === undefined || parent.partitions.length === 0 ? [] : [{ edge, rows: parent.partitions }]
  })
  if (parents.length === 0) return () => undefined
  return (partition) => {
    const range = rangeOf(partition)
    return parents.find(({ edge, rows }) => {
      const read = inputRange(edge.edge, range, edge.parentGrain)
      return read !== undefined && overlapsAny(rows, read)
    })?.edge.parent
  }
}

function touchedByOwnPast(
  model: PlanModel,
  partition: TimeRange,
  own: readonly PlannedPartition[],
): string | undefined {
  if (!model.hasPrevious || own.length === 0) return undefined
  const isTouched = model.edges.some((edge) => {
    const read = edge.from === 'previous' ? inputRange(edge.edge, partition, edge.parentGrain) : undefined
    return read !== undefined && overlapsAny(own, read)
  })
  return isTouched ? model.id : undefined
}

/** Whether any of the sorted partitions overlaps `range`. */
function overlapsAny(rows: readonly PlannedPartition[], range: TimeRange): boolean {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((rows[middle]?.endMs ?? Number.POSITIVE_INFINITY) <= range.startMs) low = middle + 1
    else high = middle
  }
  const row = rows[low]
  return row !== undefined && (Number.isNaN(row.startMs) || row.startMs < range.endMs)
}

/**
 * Tells for a partition the first parent, if any, of which a needed partition holds nothing or failed, and is not
 * going to be built.
 */
function blockedBy(
  model: PlanModel,
  assessed: ReadonlyMap<string, AssessedModel>,
  planned: ReadonlyMap<string, PlannedModel>,
): (partition: AssessedPartition) => string | undefined {
  const parents = model.edges.flatMap((edge) => {
    const parent = edge.from === 'model' ? assessed.get(edge.parent)?.partitions : undefined
    const absent = parent === undefined ? [] : absentFrom(parent, planned.get(edge.parent)?.startsMs)
    return parent === undefined || absent.length === 0 ? [] : [{ edge, absent, count: parent.length }]
  })
  if (parents.length === 0) return () => undefined
  return (partition) => {
    const range = rangeOf(partition)
    return parents.find(({ edge, absent, count }) => {
      const read = inputRange(edge.edge, range, edge.parentGrain)
      if (read === undefined) return false
      if (edge.parentGrain === undefined) return true
      // A table needs no particular hours, but it needs some.
      if (range === undefined) return absent.length === count
      return (absent[lowerBound(absent, read.startMs)] ?? Number.POSITIVE_INFINITY) < read.endMs
    })?.edge.parent
  }
}

/** Starts of what a parent does not hold or failed to build, is due, and is not going to be built; sorted. */
function absentFrom(partitions: Partitions, startsMs: ReadonlySet<number> | undefined): number[] {
  const absent = partitions
    .behind()
    .filter(
      (row) => (row.version === 0 || row.state === 'failed') && !row.isEarly && !startsMs?.has(row.startMs),
    )
  return absent.map(({ startMs }) => startMs)
}
