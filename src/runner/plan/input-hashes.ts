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

function sorted(starts: Float64Array, versions: Float64Array): InputVersions {
  const startsMs = Array.from(starts, (start) => (Number.isNaN(start) ? ONCE : start * HOUR_MS))
  const isSorted = startsMs.every((start, i) => i === 0 || (startsMs[i - 1] ?? 0) < start)
  if (isSorted) return { startsMs, versions: Array.from(versions) }
  const order = startsMs.map((_, i) => i).sort((a, b) => (startsMs[a] ?? 0) - (startsMs[b] ?? 0))
  return { startsMs: order.map((i) => startsMs[i] ?? 0), versions: order.map((i) => versions[i] ?? 0) }
}
