import type { LedgerRange } from '../../base/index.ts'
import { hashInputs, hashRanges, inputRange, type PlanModel, type PlannedPartition } from '../plan/index.ts'
import { COUNTED, type LookRow } from '../sql/index.ts'

interface Own {
  readonly codeHash: number
  readonly inputs: string
  readonly rows: number
  readonly isPartial: boolean
}

/** What a step found in its snapshot, asked partition by partition. */
export interface Look {
  /** Whether the table has rows in the step's range. */
  readonly isOccupied: boolean
  own(partition: { readonly startMs: number }): Own | undefined
  inputs(partition: PlannedPartition | { startMs: number; endMs: number }): number[]
  /** Nothing to do any more: another process did it, or the parent came out equal. */
  isCurrent(partition: PlannedPartition): boolean
  isFrozen(partition: PlannedPartition): boolean
  /** Calls `shrunk` for an hour of a source that holds fewer rows than its ledger says. */
  checkSources(shrunk: (relation: string, hourMs: number, have: number, expected: number) => void): void
}

/** Sorts the rows of a look statement by what they are about. */
export function readLook(rows: readonly LookRow[], plan: PlanModel): Look {
  const owns = new Map<number, Own>()
  const inputs = plan.edges.map(() => ({ startsMs: [] as number[], versions: [] as number[] }))
  const ranges: LedgerRange[][] = plan.edges.map(() => [])
  const pruned = plan.edges.map(() => new Set<number>())
  const expected = plan.edges.map(() => new Map<number, number>())
  const counted = plan.edges.map(() => new Map<number, number>())
  let isOccupied = false
  for (const row of [...rows].sort((a, b) => a.at_ms - b.at_ms)) {
    const at = Number.isFinite(row.at_ms) ? row.at_ms : 0
    if (row.edge === -1) owns.set(at, ownOf(row))
    else if (row.edge === -2) isOccupied = true
    else if (row.edge >= COUNTED) counted[row.edge - COUNTED]?.set(at, row.rows ?? 0)
    else if (plan.edges[row.edge]?.from === 'range') {
      ranges[row.edge]?.push({
        version: row.version ?? 0,
        fromMs: row.at_ms,
        toMs: row.to_ms ?? Number.POSITIVE_INFINITY,
      })
    } else {
      inputs[row.edge]?.startsMs.push(at)
      inputs[row.edge]?.versions.push(row.version ?? 0)
      if (row.flag) pruned[row.edge]?.add(at)
      expected[row.edge]?.set(at, row.rows ?? 0)
    }
  }
  const rangeFor = ({ startMs, endMs }: { startMs: number; endMs: number }) =>
    Number.isNaN(startMs) ? undefined : { startMs, endMs }
  const hashes = (partition: { startMs: number; endMs: number }) =>
    plan.edges.map((edge, i) => {
      const read = inputRange(
        edge.edge,
        rangeFor(partition),
        edge.from === 'range' ? 'hour' : edge.parentGrain,
      )
      if (read === undefined) return 0
      if (edge.from === 'range') return hashRanges(ranges[i] ?? [], read)
      return hashInputs(inputs[i] ?? { startsMs: [], versions: [] }, read, edge.parentGrain)
    })
  const own = ({ startMs }: { startMs: number }) => owns.get(Number.isNaN(startMs) ? 0 : startMs)
  return {
    isOccupied,
    own,
    inputs: hashes,
    isCurrent(partition) {
      const { kind } = partition.reason
      if (kind === 'requested' || kind === 'refresh' || kind === 'failed') return false
      const before = own(partition)
      if (before === undefined || before.codeHash !== plan.codeHash) return false
      return !(before.isPartial && !partition.isEarly) && before.inputs === hashes(partition).join(':')
    },
    isFrozen(partition) {
      return plan.edges.some((edge, i) => {
        const hours = pruned[i]
        const read = inputRange(edge.edge, rangeFor(partition), edge.parentGrain)
        if (hours === undefined || read === undefined) return false
        return [...hours].some((at) => at >= read.startMs && at < read.endMs)
      })
    },
    checkSources(shrunk) {
      counted.forEach((hours, i) => {
        const edge = plan.edges[i]
        // Only what is read by the hour is counted.
        if (edge?.from !== 'source' || plan.grain === undefined || edge.parentGrain === undefined) return
        for (const [at, rows] of expected[i] ?? []) {
          const have = hours.get(at) ?? 0
          if (have < rows && !pruned[i]?.has(at)) shrunk(edge.parent, at, have, rows)
        }
      })
    },
  }
}

function ownOf(row: LookRow): Own {
  return {
    codeHash: row.code_hash ?? 0,
    inputs: row.inputs ?? '',
    rows: row.rows ?? 0,
    isPartial: row.flag ?? false,
  }
}
