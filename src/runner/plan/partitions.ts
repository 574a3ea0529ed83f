import type { TimeRange } from '../../base/index.ts'
import type { Reason } from './plan-model.ts'

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

/** What is not plain of a partition: most have neither. */
export interface PartitionNote {
  readonly state: PartitionState
  readonly reason: Reason | undefined
  readonly failure: string | undefined
}

/**
 * The partitions of a model, oldest first and without holes. A year of hours in 50 models is 438,000 of them: they
 * are columns, and objects only while somebody looks.
 */
export interface Partitions extends Iterable<AssessedPartition> {
  readonly length: number
  /** Negative counts from the end. */
  at(index: number): AssessedPartition | undefined
  /** The partition that starts at `startMs` (any, for what is built once). */
  startingAt(startMs: number): AssessedPartition | undefined
  /** Those with `fromMs <= start < toMs`. */
  between(fromMs: number, toMs: number): AssessedPartition[]
  /** Those that lie in a range whole; all of what is built once. */
  within(range: TimeRange): Partitions
  count(state: PartitionState): number
  /** Those that are not current. */
  behind(): AssessedPartition[]
  filter(test: (partition: AssessedPartition) => boolean): AssessedPartition[]
}

/** The columns behind Partitions. `notes` holds every partition that is not current. */
export interface PartitionColumns {
  /** NaN for what is built once. */
  readonly firstMs: number
  readonly widthMs: number
  readonly versions: Float64Array
  readonly notes: ReadonlyMap<number, PartitionNote>
  /** Index of the first partition that is not due. */
  readonly earlyFrom: number
}

/** Makes a list out of columns. */
export function partitionsOf({ firstMs, widthMs, versions, notes, earlyFrom }: PartitionColumns): Partitions {
  const { length } = versions
  const isOnce = Number.isNaN(firstMs)
  const make = (index: number): AssessedPartition => {
    const note = notes.get(index)
    const startMs = firstMs + index * widthMs
    return {
      startMs,
      endMs: startMs + widthMs,
      state: note?.state ?? 'current',
      reason: note?.reason,
      version: versions[index] ?? 0,
      isEarly: index >= earlyFrom,
      failure: note?.failure,
    }
  }
  const at = (index: number) => {
    const place = index < 0 ? length + index : index
    return place >= 0 && place < length ? make(place) : undefined
  }
  const iterate = function* () {
    for (let index = 0; index < length; index++) yield make(index)
  }
  const self: Partitions = {
    length,
    at,
    startingAt: (startMs) => {
      const index = isOnce ? 0 : (startMs - firstMs) / widthMs
      return Number.isInteger(index) && index >= 0 ? at(index) : undefined
    },
    between: (fromMs, toMs) => {
      if (isOnce) return Array.from({ length }, (_, index) => make(index))
      const from = Math.max(0, Math.ceil((fromMs - firstMs) / widthMs))
      const to = Math.min(length, Math.ceil((toMs - firstMs) / widthMs))
      return Array.from({ length: Math.max(0, to - from) }, (_, i) => make(from + i))
    },
    within: ({ startMs, endMs }) => {
      if (isOnce) return self
      const from = Math.max(0, Math.ceil((startMs - firstMs) / widthMs))
      const to = Math.max(from, Math.min(length, Math.floor((endMs - firstMs) / widthMs)))
      const kept = [...notes].filter(([index]) => index >= from && index < to)
      return partitionsOf({
        firstMs: firstMs + from * widthMs,
        widthMs,
        versions: versions.subarray(from, to),
        notes: new Map(kept.map(([index, note]) => [index - from, note])),
        earlyFrom: earlyFrom - from,
      })
    },
    count: (state) => {
      if (state === 'current') return length - notes.size
      let count = 0
      for (const note of notes.values()) if (note.state === state) count++
      return count
    },
    behind: () => [...notes.keys()].map(make),
    filter: (test) => {
      const found: AssessedPartition[] = []
      for (const partition of iterate()) if (test(partition)) found.push(partition)
      return found
    },
    [Symbol.iterator]: iterate,
  }
  return self
}

/** A model without partitions: nothing reached it yet. */
export const NO_PARTITIONS: Partitions = partitionsOf({
  firstMs: 0,
  widthMs: 1,
  versions: new Float64Array(),
  notes: new Map(),
  earlyFrom: 0,
})
