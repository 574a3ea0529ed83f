import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Budget, createBudget, LONGEST_HOLD_MS, type PublishedLimit, type Spend } from './budget.ts'

/** One address as the file has it: wall clock, ms, so that the next process understands it. */
export interface KeptAddress {
  readonly rest: KeptBudget
  readonly connect: KeptBudget
}

interface KeptBudget {
  /** Null: not held. */
  readonly held_until: number | null
  readonly refusals: number
  /** Until when so much weight counts, and whether it is ours. */
  readonly spent: readonly (readonly [untilMs: number, weight: number, isOurs: boolean])[]
}

interface BrokerFile {
  readonly v: 1
  readonly saved_at: number
  readonly addresses: Readonly<Record<string, KeptAddress>>
}

/** Two clocks at one moment: the file's and the budgets'. */
export interface Moment {
  readonly wallMs: number
  readonly monotonicMs: number
}

/** A budget as the file keeps it. */
export function keepBudget(budget: Budget, { wallMs, monotonicMs }: Moment): KeptBudget {
  const offsetMs = wallMs - monotonicMs
  const isHeld = budget.heldUntilMs > monotonicMs
  return {
    held_until: isHeld ? Math.ceil(budget.heldUntilMs + offsetMs) : null,
    refusals: budget.refusals,
    spent: budget.spent
      .filter(({ untilMs }) => untilMs > monotonicMs)
      .map(({ untilMs, weight, isOurs }) => [Math.ceil(untilMs + offsetMs), weight, isOurs] as const),
  }
}

/**
 * A budget from the file. Where the wall clock was set back meanwhile, nothing is taken as elapsed; and nothing lasts
 * longer than it can.
 */
export function restoreBudget(
  limit: PublishedLimit,
  kept: KeptBudget,
  { savedAtMs, now }: { readonly savedAtMs: number; readonly now: Moment },
): Budget {
  const nowMs = Math.max(now.wallMs, savedAtMs)
  const untilMs = (wallMs: number, mostMs: number) => now.monotonicMs + Math.min(wallMs - nowMs, mostMs)
  const spent = kept.spent.map(([until, weight, isOurs], index): Spend => {
    const mostMs = limit.perMs * Math.max(1, (2 * weight) / limit.weight)
    return { bucket: -1 - index, weight, isOurs, untilMs: untilMs(until, mostMs) }
  })
  return {
    ...createBudget(limit),
    refusals: kept.refusals,
    spent: spent.filter((spend) => spend.untilMs > now.monotonicMs),
    heldUntilMs:
      kept.held_until === null ? Number.NEGATIVE_INFINITY : untilMs(kept.held_until, LONGEST_HOLD_MS),
  }
}

/**
 * Reads what the process before knew; undefined where there is no file, or none that can be read.
 *
 * @throws what the file system says, but for a file that is not there
 */
export async function readBrokerFile(
  path: string,
): Promise<{ savedAtMs: number; addresses: Map<string, KeptAddress> } | 'unreadable' | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  try {
    const file = JSON.parse(text) as BrokerFile
    if (file.v !== 1 || !Number.isFinite(file.saved_at)) return 'unreadable'
    const addresses = new Map(Object.entries(file.addresses))
    const budgets = [...addresses.values()].flatMap(({ rest, connect }) => [rest, connect])
    if (!budgets.every((budget) => budget === undefined || isBudget(budget))) return 'unreadable'
    return { savedAtMs: file.saved_at, addresses }
  } catch {
    return 'unreadable'
  }
}

/** Whether it is what was written: an error of a later moment would keep all waiting who ask there. */
function isBudget({ held_until: heldUntil, refusals, spent }: KeptBudget): boolean {
  const areNumbers = spent.every(([until, weight]) => Number.isFinite(until) && Number.isFinite(weight))
  return areNumbers && Number.isFinite(refusals) && (heldUntil === null || Number.isFinite(heldUntil))
}

/** Replaces the file: after a crash at any moment it is the old one or the new one, whole and on disk. */
export async function writeBrokerFile(
  path: string,
  { savedAtMs, addresses }: { savedAtMs: number; addresses: ReadonlyMap<string, KeptAddress> },
): Promise<void> {
  const file: BrokerFile = { v: 1, saved_at: savedAtMs, addresses: Object.fromEntries(addresses) }
  await using next = await open(`${path}.next`, 'w')
  await next.writeFile(JSON.stringify(file))
  await next.sync()
  await rename(`${path}.next`, path)
  await using directory = await open(dirname(path), 'r')
  await directory.sync()
}
