import { HOUR_MS, type LedgerSnapshot, type TimeRange } from '../../base/index.ts'
import { hashInputs, hashRanges, type InputVersions, inputRange } from './inputs.ts'
import type { PlanEdge } from './plan-model.ts'

/** The start, in ms, that stands for what is built once. */
export const ONCE = 0

/** What a ledger says of inputs, ready to be compared. */
export interface LedgerInputs {
  /** By model or source. */
  readonly versions: ReadonlyMap<string, InputVersions>
  /** The hash of what a partition reads through an edge now; undefined `range`: built once. */
  hash(edge: PlanEdge, range: TimeRange | undefined): number
}

const NOTHING: InputVersions = { startsMs: [], versions: [] }

/** Sorts a ledger's versions by relation and time. */
export function ledgerInputs(ledger: LedgerSnapshot): LedgerInputs {
  const versions = new Map<string, InputVersions>()
  for (const [id, rows] of ledger.models) versions.set(id, sorted(rows.starts, rows.versions))
  for (const [id, rows] of ledger.sources) versions.set(id, sorted(rows.starts, rows.versions))
  return {
    versions,
    hash(edge, range) {
      const read = inputRange(edge.edge, range, edge.from === 'range' ? 'hour' : edge.parentGrain)
      if (read === undefined) return 0
      if (edge.from === 'range') return hashRanges(ledger.ranges.get(edge.parent) ?? [], read)
      return hashInputs(versions.get(edge.parent) ?? NOTHING, read, edge.parentGrain)
    },
  }
}

/** By time. In loops: a year of 50 models has 438,000 of them. */
function sorted(starts: Float64Array, versions: Float64Array): InputVersions {
  const startsMs = new Float64Array(starts.length)
  let isSorted = true
  for (let i = 0; i < starts.length; i++) {
    const start = starts[i] ?? Number.NaN
    const startMs = Number.isNaN(start) ? ONCE : start * HOUR_MS
    startsMs[i] = startMs
    if (i > 0 && (startsMs[i - 1] ?? 0) >= startMs) isSorted = false
  }
  if (isSorted) return { startsMs, versions }
  const order = Array.from(starts.keys()).sort((a, b) => (startsMs[a] ?? 0) - (startsMs[b] ?? 0))
  return {
    startsMs: Float64Array.from(order, (i) => startsMs[i] ?? 0),
    versions: Float64Array.from(order, (i) => versions[i] ?? 0),
  }
}
