import type { LaneRules, Moment, Seen } from './machine-types.ts'

/** One symbol on one connection. Times are monotonic ms. */
export interface Subscription {
  /** `queued`: the frame that asks for it waits its turn · `sent` · `subscribed`: acknowledged, or has data. */
  readonly phase: 'queued' | 'sent' | 'subscribed'
  readonly sinceMs: number
  /** Since it was last asked for. */
  readonly hasData: boolean
  /** It does not deliver, and is known or believed to have something to deliver. */
  readonly isDead: boolean
  /** Suspect: whether it had trades is being asked. */
  readonly isProbed: boolean
  /** Not suspect before. */
  readonly calmUntilMs: number
  /** When it was asked for again, because it was silent or not answered. */
  readonly againMs: number | undefined
}

/** What time alone does to a subscription. */
export type Verdict = 'fine' | 'suspect' | 'unsure' | 'unanswered' | 'unsent'

/** An acknowledgement takes no longer, ms. */
const ACK_MS = 10_000
/** So long a frame may wait for its turn, ms: many frames, paced. */
const QUEUE_MS = 5 * 60_000
/** An answer about trades that has not come by then is none, ms. Whoever cannot tell is asked again after this time. */
const PROBE_MS = 60_000
/** A quiet symbol is looked at again at the latest after this time, ms. */
const CALM_MS = 15 * 60_000
/** Longer than this after it was subscribed again, a symbol that falls silent has the right to it once more, ms. */
const AGAIN_MS = 3_600_000
/** A gap this many times the usual one is not usual. */
const GAPS_OF_SILENCE = 10

/** A symbol whose frame is about to be sent. */
export function queued(nowMs: number): Subscription {
  return {
    phase: 'queued',
    sinceMs: nowMs,
    hasData: false,
    isDead: false,
    isProbed: false,
    calmUntilMs: 0,
    againMs: undefined,
  }
}

/** The same, asked for again. */
export function queuedAgain(nowMs: number): Subscription {
  return { ...queued(nowMs), isDead: true, againMs: nowMs }
}

/** What a subscription has come to. */
export function verdictOf(
  { phase, sinceMs, isProbed, calmUntilMs }: Subscription,
  { nowMs, ageMs, toleranceMs }: { nowMs: number; ageMs: number; toleranceMs: number },
): Verdict {
  if (phase === 'queued') return nowMs - sinceMs >= QUEUE_MS ? 'unsent' : 'fine'
  if (phase === 'sent') return nowMs - sinceMs >= ACK_MS ? 'unanswered' : 'fine'
  if (isProbed) return nowMs >= calmUntilMs ? 'unsure' : 'fine'
  return nowMs >= calmUntilMs && ageMs >= toleranceMs ? 'suspect' : 'fine'
}

/** Since when there is no data, ms: since it was subscribed, or its newest. */
export function ageOf(symbol: string, { sinceMs }: Subscription, seen: Seen, { nowMs }: Moment): number {
  return nowMs - Math.max(sinceMs, seen.dataMs(symbol) ?? sinceMs)
}

/** How long a symbol may be without data: its own rhythm counts once it is known. */
export function toleranceOf(symbol: string, seen: Seen, { quietMs }: LaneRules): number {
  return Math.max(quietMs, GAPS_OF_SILENCE * (seen.gapMs(symbol) ?? 0))
}

/** Suspect, while the exchange is asked for trades. */
export function probed(one: Subscription, nowMs: number): Subscription {
  return { ...one, isProbed: true, calmUntilMs: nowMs + PROBE_MS }
}

/** It could not be told: asked again later. */
export function unsure(one: Subscription, nowMs: number): Subscription {
  return { ...one, isProbed: false, calmUntilMs: nowMs + PROBE_MS }
}

/**
 * No trades, so no data. It is looked at again when it has been quiet twice as long: thousands of quiet symbols
 * must not ask all the time.
 */
export function calmed(one: Subscription, nowMs: number, ageMs: number): Subscription {
  return { ...one, isProbed: false, calmUntilMs: nowMs + Math.min(CALM_MS, Math.max(PROBE_MS, ageMs)) }
}

/** Dead, and left as it is for now: another reconnect so soon would cost its neighbours more than it gives. */
export function endured(one: Subscription, nowMs: number): Subscription {
  return { ...one, isDead: true, isProbed: false, calmUntilMs: nowMs + CALM_MS }
}

/** Whether asking for it again is the next thing to try. */
export function mayAskAgain({ againMs }: Subscription, nowMs: number): boolean {
  return againMs === undefined || nowMs - againMs >= AGAIN_MS
}
