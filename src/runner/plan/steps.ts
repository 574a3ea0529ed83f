import { inputRange } from './inputs.ts'
import type { Plan, PlannedModel, PlannedPartition } from './plan.ts'
import { formatReason, type PlanModel, type Reason } from './plan-model.ts'

/** One model × one batch of neighbouring partitions, built for one reason. */
export interface Step {
  /** Place in `steps`; parents come first. */
  readonly index: number
  readonly model: PlanModel
  readonly partitions: readonly PlannedPartition[]
  /** NaN for what is built once. */
  readonly startMs: number
  readonly endMs: number
  readonly reason: Reason
  readonly certainty: 'certain' | 'possible'
  /** Steps that must have ended before, whose failed partitions block. */
  readonly needs: readonly number[]
  /** Steps that must have ended before and do not block: the model's own past. */
  readonly after: readonly number[]
  /** Bigger runs first. */
  readonly priority: number
}

/** Cuts a plan into steps and ties each to the steps whose rows it reads. */
export function stepsOf(plan: Plan): Step[] {
  const steps: Step[] = []
  const stepsByModel = new Map<string, Step[]>()
  for (const planned of plan.models) {
    const own: Step[] = []
    stepsByModel.set(planned.model.id, own)
    for (const partitions of batches(planned)) {
      const step = stepOf(planned.model, partitions, steps.length, stepsByModel)
      own.push(step)
      steps.push(step)
    }
  }
  return steps
}

function* batches({ model, partitions }: PlannedModel): Generator<readonly PlannedPartition[]> {
  let batch: PlannedPartition[] = []
  for (const partition of partitions) {
    const last = batch.at(-1)
    const fits = last !== undefined && batch.length < model.batch && isSameBatch(last, partition)
    if (last !== undefined && !fits) {
      yield batch
      batch = []
    }
    batch.push(partition)
  }
  if (batch.length > 0) yield batch
}

function isSameBatch(a: PlannedPartition, b: PlannedPartition): boolean {
  return (
    a.endMs === b.startMs &&
    a.certainty === b.certainty &&
    a.blockedBy === b.blockedBy &&
    formatReason(a.reason) === formatReason(b.reason)
  )
}

function stepOf(
  model: PlanModel,
  partitions: readonly PlannedPartition[],
  index: number,
  stepsByModel: ReadonlyMap<string, readonly Step[]>,
): Step {
  const first = partitions[0]
  const startMs = first?.startMs ?? Number.NaN
  const endMs = partitions.at(-1)?.endMs ?? Number.NaN
  const range = Number.isNaN(startMs) ? undefined : { startMs, endMs }
  const needs = new Set<number>()
  const after = new Set<number>()
  for (const edge of model.edges) {
    // Read whole and untracked, it is still read: not while it is half filled.
    if (edge.from === 'none') for (const step of stepsByModel.get(edge.parent) ?? []) after.add(step.index)
    const read = inputRange(edge.edge, range, edge.parentGrain)
    if (read === undefined || (edge.from !== 'model' && edge.from !== 'previous')) continue
    const into = edge.from === 'previous' ? after : needs
    for (const step of overlapping(stepsByModel.get(edge.parent) ?? [], read)) into.add(step.index)
  }
  const recency = Number.isNaN(startMs) ? 0 : startMs / 60_000
  const isMissing = partitions.some(({ state }) => state === 'missing')
  return {
    index,
    model,
    partitions,
    startMs,
    endMs,
    reason: first?.reason ?? { kind: 'missing' },
    certainty: first?.certainty ?? 'certain',
    needs: [...needs],
    after: [...after],
    priority: (isMissing ? 1e12 : 0) + (model.hasPrevious ? -recency : recency),
  }
}

/** Steps, sorted by start and without overlaps, that touch `range`. */
function overlapping(steps: readonly Step[], range: { startMs: number; endMs: number }): readonly Step[] {
  const only = steps[0]
  if (only !== undefined && Number.isNaN(only.startMs)) return steps
  let low = 0
  let high = steps.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((steps[middle]?.endMs ?? 0) <= range.startMs) low = middle + 1
    else high = middle
  }
  const found: Step[] = []
  for (let i = low; i < steps.length; i++) {
    const step = steps[i]
    if (step === undefined || step.startMs >= range.endMs) break
    found.push(step)
  }
  return found
}
