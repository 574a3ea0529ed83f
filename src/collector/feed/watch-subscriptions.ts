import type { LaneRules, Moment, Seen } from './machine-types.ts'
import { ageOf, probed, type Subscription, toleranceOf, unsure, verdictOf } from './subscription.ts'

/** What time did to the subscriptions of a connection. */
export interface Watched {
  /** With those that are suspect now marked. */
  readonly subscriptions: ReadonlyMap<string, Subscription>
  readonly suspects: readonly { readonly symbol: string; readonly ageMs: number }[]
  /** Asked for, and not acknowledged in time. */
  readonly unanswered: readonly string[]
  /** A frame that asks for one was never sent. */
  readonly isUnsent: boolean
}

/** Looks at every subscription. The map stays the same object where nothing changes: this runs often. */
export function watchSubscriptions(
  subscriptions: ReadonlyMap<string, Subscription>,
  seen: Seen,
  { moment, rules }: { moment: Moment; rules: LaneRules },
): Watched {
  const changes = new Map<string, Subscription>()
  const suspects: { symbol: string; ageMs: number }[] = []
  const unanswered: string[] = []
  const { nowMs } = moment
  let isUnsent = false
  for (const [symbol, one] of subscriptions) {
    const ageMs = ageOf(symbol, one, seen, moment)
    const verdict = verdictOf(one, { nowMs, ageMs, toleranceMs: toleranceOf(symbol, seen, rules) })
    if (verdict === 'unsent') isUnsent = true
    if (verdict === 'unanswered') unanswered.push(symbol)
    if (verdict === 'unsure') changes.set(symbol, unsure(one, nowMs))
    if (verdict !== 'suspect') continue
    suspects.push({ symbol, ageMs })
    changes.set(symbol, probed(one, nowMs))
  }
  if (changes.size === 0) return { subscriptions, suspects, unanswered, isUnsent }
  return { subscriptions: new Map([...subscriptions, ...changes]), suspects, unanswered, isUnsent }
}
