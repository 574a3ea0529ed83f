import type { TimeRange } from '../../base/index.ts'
import { inputRange, type PlanModel } from '../plan/index.ts'

/** What cannot be read any more in this build: failed, blocked, or failed its tests. */
export interface Lost {
  /** Notes partitions of a model or source; a range of NaN is all of it. */
  add(id: string, ranges: readonly TimeRange[]): void
  /** What a partition reads that is lost; undefined if nothing is. */
  blocks(model: PlanModel, partition: TimeRange): string | undefined
}

/** Nothing is lost yet. */
export function nothingLost(): Lost {
  const rangesById = new Map<string, TimeRange[]>()
  return {
    add(id, ranges) {
      if (ranges.length > 0) rangesById.set(id, joined([...(rangesById.get(id) ?? []), ...ranges]))
    },
    blocks(model, partition) {
      if (rangesById.size === 0) return undefined
      if (isLost(rangesById.get(model.id), partition)) return model.id
      const range = Number.isNaN(partition.startMs) ? undefined : partition
      return model.edges.find(({ edge, from, parent, parentGrain }) => {
        const read = inputRange(edge, range, from === 'range' ? 'hour' : parentGrain)
        return read !== undefined && from !== 'previous' && isLost(rangesById.get(parent), read)
      })?.parent
    },
  }
}

/** Neighbours as one: every partition below is compared with each. */
function joined(ranges: readonly TimeRange[]): TimeRange[] {
  const wide: TimeRange[] = []
  for (const range of ranges) {
    const last = wide.at(-1)
    if (last !== undefined && last.endMs === range.startMs)
      wide[wide.length - 1] = { startMs: last.startMs, endMs: range.endMs }
    else wide.push(range)
  }
  return wide
}

function isLost(ranges: readonly TimeRange[] | undefined, read: TimeRange): boolean {
  return (ranges ?? []).some(
    ({ startMs, endMs }) =>
      Number.isNaN(startMs) || Number.isNaN(read.startMs) || (startMs < read.endMs && endMs > read.startMs),
  )
}
