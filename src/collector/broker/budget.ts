import type { BrokerReport } from './broker.ts'

/** What an exchange publishes: so much weight, or so many connects, in any `perMs`. */
export interface PublishedLimit {
  readonly weight: number
  readonly perMs: number
}

/** What was spent of one limit at one address, and until when nothing may be. Times are of one clock, ms. */
export interface Budget {
  readonly limit: PublishedLimit
  readonly spent: readonly Spend[]
  /** The exchange said stop, or was taken to say so; -Infinity: it did not. */
  readonly heldUntilMs: number
  /** How often it said so since it last answered well. */
  readonly refusals: number
}

/** Weight that counts until `untilMs`. */
export interface Spend {
  readonly bucket: number
  readonly untilMs: number
  readonly weight: number
  /** False: others at this address spent it, by the exchange's own count. */
  readonly isOurs: boolean
}

/** Of the published limit we spend no more than this, */
const OUR_SHARE = 1 / 2
/** and nothing while we and our neighbours together are above this. */
const COMMON_SHARE = 4 / 5

/** A budget of which nothing is spent. */
export function createBudget(limit: PublishedLimit): Budget {
  return { limit, spent: [], heldUntilMs: Number.NEGATIVE_INFINITY, refusals: 0 }
}

/** Ms from `nowMs` until `weight` may be spent, by what is known now. */
export function waitMs(budget: Budget, weight: number, nowMs: number): number {
  const { limit, spent } = budget
  const ours = freeAt(
    spent.filter(({ isOurs }) => isOurs),
    { weight, most: limit.weight * OUR_SHARE, nowMs },
  )
  const common = freeAt(spent, { weight, most: limit.weight * COMMON_SHARE, nowMs })
  return Math.max(0, budget.heldUntilMs - nowMs, ours - nowMs, common - nowMs)
}

/** The moment at which `weight` more than what then still counts is not above `most`, or nothing counts any more. */
function freeAt(
  spent: readonly Spend[],
  { weight, most, nowMs }: { readonly weight: number; readonly most: number; readonly nowMs: number },
): number {
  const counting = spent.filter(({ untilMs }) => untilMs > nowMs).sort((a, b) => a.untilMs - b.untilMs)
  let sum = counting.reduce((total, spend) => total + spend.weight, 0)
  let atMs = nowMs
  for (const spend of counting) {
    if (sum + weight <= most) break
    sum -= spend.weight
    atMs = spend.untilMs
  }
  return atMs
}

/**
 * The budget after `weight` is spent.
 *
 * What alone is above our share (one call a second, halved) counts longer by as much, so that the rate is kept.
 */
export function spend(budget: Budget, weight: number, nowMs: number): Budget {
  const { perMs } = budget.limit
  const stretch = Math.max(1, weight / (budget.limit.weight * OUR_SHARE))
  return addSpend(budget, { weight, untilMs: nowMs + perMs * stretch, isOurs: true }, nowMs)
}

/** How many pieces a window is remembered in. */
const BUCKETS = 60

/** Spends of one bucket become one that counts until the end of the last. */
function addSpend(budget: Budget, { weight, untilMs, isOurs }: Omit<Spend, 'bucket'>, nowMs: number): Budget {
  const bucket = Math.floor((nowMs / budget.limit.perMs) * BUCKETS)
  const counting = budget.spent.filter((spent) => spent.untilMs > nowMs)
  const same = counting.find((spent) => spent.bucket === bucket && spent.isOurs === isOurs)
  const added: Spend = {
    bucket,
    isOurs,
    weight: weight + (same?.weight ?? 0),
    untilMs: Math.max(untilMs, same?.untilMs ?? 0),
  }
  return { ...budget, spent: [...counting.filter((spent) => spent !== same), added] }
}

/** The budget after an answer: what the exchange counts, and whether it says stop. */
export function learn(
  budget: Budget,
  report: Pick<BrokerReport, 'status' | 'retryAfterMs' | 'usedWeight'>,
  nowMs: number,
): Budget {
  const counted = learnUsedWeight(budget, report.usedWeight, nowMs)
  const { status } = report
  const isHeld = counted.heldUntilMs > nowMs
  // Answers to what was asked before the first refusal are the same refusal.
  const before = isHeld ? Math.max(0, counted.refusals - 1) : counted.refusals
  const holdMs = holdOf(report, before)
  if (holdMs === undefined) {
    const isWell = status !== undefined && status < 400 && !isHeld
    return isWell ? { ...counted, refusals: 0 } : counted
  }
  return { ...counted, refusals: before + 1, heldUntilMs: Math.max(counted.heldUntilMs, nowMs + holdMs) }
}

/** Whether an answer stops all we do at an address: an IP ban, or the exchange's firewall. */
export function isBan(status: number | undefined): boolean {
  return status === 418 || status === 403
}

/** Without a Retry-After, ms: first wait and longest. */
const LIMITED_MS = { first: 10_000, most: 600_000 }
const BANNED_MS = { first: 120_000, most: 3_600_000 }
/** Binance bans for up to three days; nobody asks for more. */
export const LONGEST_HOLD_MS = 3 * 86_400_000
/** A Retry-After of 0 is still a refusal. */
const SHORTEST_HOLD_MS = 1000

function holdOf(
  { status, retryAfterMs }: Pick<BrokerReport, 'status' | 'retryAfterMs'>,
  refusals: number,
): number | undefined {
  if (status === undefined || status < 400) return undefined
  if (retryAfterMs !== undefined) return Math.min(Math.max(retryAfterMs, SHORTEST_HOLD_MS), LONGEST_HOLD_MS)
  if (isBan(status)) return Math.min(BANNED_MS.first * 2 ** refusals, BANNED_MS.most)
  if (status === 429) return Math.min(LIMITED_MS.first * 2 ** refusals, LIMITED_MS.most)
  return undefined
}

/** What the exchange counts above what we know of was spent by our neighbours. */
function learnUsedWeight(budget: Budget, usedWeight: number | undefined, nowMs: number): Budget {
  if (usedWeight === undefined) return budget
  const known = budget.spent.reduce((sum, { untilMs, weight }) => sum + (untilMs > nowMs ? weight : 0), 0)
  if (usedWeight <= known) return budget
  const weight = usedWeight - known
  return addSpend(budget, { weight, untilMs: nowMs + budget.limit.perMs, isOurs: false }, nowMs)
}
