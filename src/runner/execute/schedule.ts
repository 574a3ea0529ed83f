import { HOUR_MS, PriorityQueue, type TimeRange } from '../../base/index.ts'
import { inputRange, type PlannedPartition, type Step } from '../plan/index.ts'

/** A step that may start now, with the partitions it still has to build. */
export interface ReadyStep {
  readonly step: Step
  readonly partitions: readonly PlannedPartition[]
  readonly priority: number
}

/** Which steps may start, and what failures take down with them. */
export interface Schedule {
  /** The most urgent step whose parents are done. */
  next(): ReadyStep | undefined
  /** Steps that have not ended. */
  readonly open: number
  /** Notes partitions that failed or are blocked: what reads them is blocked too. */
  lose(step: Step, startsMs: readonly number[]): void
  /** Ends a step; children that waited for it alone become ready. */
  end(step: Step): void
  /** Puts back what another process is building, to be asked again later. */
  putBack(ready: ReadyStep): void
  /** Splits partitions into those that can be built and those a failed or missing parent blocks. */
  sortOut(step: Step, partitions: readonly PlannedPartition[]): SortedOut
}

/** `blocked` names the parent for each partition. */
export interface SortedOut {
  readonly free: readonly PlannedPartition[]
  readonly blocked: readonly { readonly partition: PlannedPartition; readonly by: string }[]
}

/** Keeps the order of a run: parents first, missing before stale, newest first. */
export function openSchedule(steps: readonly Step[]): Schedule {
  const waiting = steps.map((step) => new Set([...step.needs, ...step.after]).size)
  const children = new Map<number, number[]>()
  for (const step of steps) {
    for (const parent of new Set([...step.needs, ...step.after])) {
      const known = children.get(parent)
      if (known) known.push(step.index)
      else children.set(parent, [step.index])
    }
  }
  const ready = new PriorityQueue<ReadyStep>()
  const lost = new Map<string, Set<number>>()
  let open = steps.length
  const makeReady = (step: Step) => ready.push({ step, partitions: step.partitions, priority: step.priority })
  for (const step of steps) if (waiting[step.index] === 0) makeReady(step)
  return {
    get open() {
      return open
    },
    next: () => ready.pop(),
    putBack: (again) => ready.push({ ...again, priority: Number.NEGATIVE_INFINITY }),
    lose(step, startsMs) {
      const known = lost.get(step.model.id) ?? new Set()
      if (startsMs.length > 0) lost.set(step.model.id, known)
      for (const startMs of startsMs) known.add(startMs)
    },
    end(step) {
      open--
      for (const child of children.get(step.index) ?? []) {
        const left = (waiting[child] ?? 0) - 1
        waiting[child] = left
        const next = steps[child]
        if (left === 0 && next !== undefined) makeReady(next)
      }
    },
    sortOut: (step, partitions) => sortOut(step, partitions, lost),
  }
}

function sortOut(
  step: Step,
  partitions: readonly PlannedPartition[],
  lost: ReadonlyMap<string, ReadonlySet<number>>,
): SortedOut {
  const free: PlannedPartition[] = []
  const blocked: { partition: PlannedPartition; by: string }[] = []
  for (const partition of partitions) {
    const by = partition.blockedBy ?? lostParent(step, partition, lost)
    if (by === undefined) free.push(partition)
    else blocked.push({ partition, by })
  }
  return { free, blocked }
}

function lostParent(
  step: Step,
  partition: PlannedPartition,
  lost: ReadonlyMap<string, ReadonlySet<number>>,
): string | undefined {
  if (lost.size === 0) return undefined
  const range = Number.isNaN(partition.startMs) ? undefined : partition
  return step.model.edges.find((edge) => {
    // A table needs no particular hours.
    if (range === undefined && edge.parentGrain !== undefined) return false
    const starts = edge.from === 'model' ? lost.get(edge.parent) : undefined
    const read = starts === undefined ? undefined : inputRange(edge.edge, range, edge.parentGrain)
    if (starts === undefined || read === undefined) return false
    return isAnyIn(starts, read)
  })?.parent
}

/** Whether any of the starts lies in `read`; NaN lies in all of them. A window has fewer hours than may be lost. */
function isAnyIn(starts: ReadonlySet<number>, read: TimeRange): boolean {
  if (starts.has(Number.NaN)) return true
  if ((read.endMs - read.startMs) / HOUR_MS > starts.size)
    return [...starts].some((start) => start >= read.startMs && start < read.endMs)
  for (let at = read.startMs; at < read.endMs; at += HOUR_MS) if (starts.has(at)) return true
  return false
}
