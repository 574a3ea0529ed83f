import { claimPartitions, releasePartitions, type Session } from '../../warehouse/index.ts'
import type { PlannedPartition } from '../plan/index.ts'
import type { RunContext } from './context.ts'

/** Partitions that this process holds, and those that another one builds right now. */
export interface Claim {
  readonly mine: readonly PlannedPartition[]
  readonly theirs: readonly PlannedPartition[]
}

/** Claims what it can of a step's partitions, without waiting. */
export async function claim(
  session: Session,
  context: RunContext,
  model: string,
  partitions: readonly PlannedPartition[],
): Promise<Claim> {
  const startsMs = partitions.map((partition) => partition.startMs)
  const locked = new Set(await claimPartitions(session, context.warehouse.target, { model, startsMs }))
  return {
    mine: partitions.filter(({ startMs }) => locked.has(startMs)),
    theirs: partitions.filter(({ startMs }) => !locked.has(startMs)),
  }
}

/** Gives a claim back. A lost connection has given it back already. */
export async function release(
  session: Session,
  context: RunContext,
  model: string,
  { mine }: Claim,
): Promise<void> {
  const startsMs = mine.map((partition) => partition.startMs)
  await releasePartitions(session, context.warehouse.target, { model, startsMs }).catch(() => undefined)
}
