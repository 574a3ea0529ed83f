import type { End, LaneEffect, Told } from './machine-types.ts'
import type { Subscription } from './subscription.ts'

/** One connection to an exchange, from asking for leave to its end. Times are monotonic ms. */
export interface Connection {
  readonly id: number
  /**
   * `asking` the broker · `connecting` · `subscribing`: no data yet · `live` · `stale`: a
   * subscription is suspect or was asked for again. It has no phase for its end: then it is gone.
   */
  readonly phase: 'asking' | 'connecting' | 'subscribing' | 'live' | 'stale'
  readonly sinceMs: number
  /** Which connect in a row this is, from 1. */
  readonly attempt: number
  readonly openedMs: number | undefined
  readonly firstDataMs: number | undefined
  /** The exchange answered anything to what was subscribed. */
  readonly isAnswered: boolean
  /** All that was asked for at first is acknowledged, or rejected. */
  readonly isSubscribed: boolean
  /** Those asked for and not rejected. */
  readonly subscriptions: ReadonlyMap<string, Subscription>
}

/** What an event makes of a connection. */
export interface ConnectionStep {
  readonly connection: Connection
  readonly effects: readonly LaneEffect[]
  /** Symbols the exchange refuses. */
  readonly rejected?: { readonly symbols: readonly string[]; readonly reason: string }
  /** A symbol that stays silent, though it was asked for again: another connection may help. */
  readonly despaired?: string
  /** It is over. */
  readonly end?: End
}

/** A connection that is about to ask for leave. */
export function createConnection(id: number, attempt: number, nowMs: number): Connection {
  return {
    id,
    phase: 'asking',
    sinceMs: nowMs,
    attempt,
    openedMs: undefined,
    firstDataMs: undefined,
    isAnswered: false,
    isSubscribed: false,
    subscriptions: new Map(),
  }
}

/** Whether the machine wants to hear of data of this symbol; of the rest the watch is enough. */
export function awaitsData({ subscriptions }: Connection, symbol: string): boolean {
  const one = subscriptions.get(symbol)
  return one !== undefined && (!one.hasData || one.isProbed || one.isDead || one.calmUntilMs > 0)
}

/** Whether none of its symbols delivers, though all should: its socket lives, its data does not. */
export function isDead({ subscriptions }: Connection): boolean {
  return subscriptions.size > 0 && [...subscriptions.values()].every((one) => one.isDead)
}

/** Something to be written down of this connection. */
export function tell({ id, attempt }: Connection, told: Told): LaneEffect {
  return { type: 'tell', id, attempt, ...told }
}

/** Its end, found by this side. */
export function over(connection: Connection, cause: string): ConnectionStep {
  return { connection, effects: [], end: { cause, details: undefined } }
}

/** Nothing to do. */
export function unchanged(connection: Connection): ConnectionStep {
  return { connection, effects: [] }
}

/** One step after another. */
export function joined(first: ConnectionStep, second: ConnectionStep): ConnectionStep {
  return { ...second, effects: [...first.effects, ...second.effects] }
}

/** The same, with fewer subscriptions. */
export function without(connection: Connection, symbols: readonly string[]): Connection {
  const subscriptions = new Map(connection.subscriptions)
  for (const symbol of symbols) subscriptions.delete(symbol)
  return { ...connection, subscriptions }
}

/** The same, with some of its subscriptions changed. */
export function changed(
  connection: Connection,
  symbols: readonly string[],
  change: (one: Subscription) => Subscription,
): ConnectionStep {
  const subscriptions = new Map(connection.subscriptions)
  for (const symbol of symbols) {
    const one = subscriptions.get(symbol)
    if (one !== undefined) subscriptions.set(symbol, change(one))
  }
  return { connection: { ...connection, subscriptions }, effects: [] }
}
