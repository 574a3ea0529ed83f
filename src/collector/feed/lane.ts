import type { Connection } from './connection.ts'
import type { LaneEffect } from './machine-types.ts'
import type { Subscription } from './subscription.ts'

/** Symbols that share a connection, and the connections that carry them one after the other. Plain data. */
export interface Lane {
  readonly symbols: readonly string[]
  /** The one that counts. */
  readonly main: Connection | undefined
  /** Its successor, opened before it is closed. */
  readonly heir: Connection | undefined
  readonly nextId: number
  /** Connects in a row that came to nothing, or not for long. */
  readonly attempts: number
  /** Without a main one: when to connect. */
  readonly retryAtMs: number
  /** When the main one is to have a successor, and why; undefined: it may stay. */
  readonly rotation: { readonly atMs: number; readonly cause: string } | undefined
  readonly isStarted: boolean
  /** Causes that forbid a connection. */
  readonly holds: ReadonlySet<string>
  readonly stoppedBy: string | undefined
  readonly rejections: ReadonlyMap<string, Rejection>
  /** What the exchange says of itself; undefined: nothing yet. */
  readonly system: string | undefined
  /** When a silent symbol last cost all of them a reconnect. */
  readonly sacrificedMs: ReadonlyMap<string, number>
}

/** A symbol that is not collected, and why. */
export interface Rejection {
  readonly reason: string
  /** When to ask for it again; undefined: when the exchange lists it. */
  readonly askAtMs: number | undefined
}

/** A rejected symbol is asked for again so often, ms. */
export const REJECTED_EVERY_MS = 3_600_000

/** What an event makes of a lane. */
export interface LaneStep {
  readonly lane: Lane
  readonly effects: readonly LaneEffect[]
}

/** A lane that waits for its start. */
export function createLane(symbols: readonly string[]): Lane {
  return {
    symbols,
    main: undefined,
    heir: undefined,
    nextId: 0,
    attempts: 0,
    retryAtMs: 0,
    rotation: undefined,
    isStarted: false,
    holds: new Set(),
    stoppedBy: undefined,
    rejections: new Map(),
    system: undefined,
    sacrificedMs: new Map(),
  }
}

/** Whether it may have a connection at all. */
export function mayConnect({ isStarted, holds, stoppedBy }: Lane): boolean {
  return isStarted && holds.size === 0 && stoppedBy === undefined
}

/** Symbols to subscribe: all but those rejected less than an hour ago. */
export function wantedOf({ symbols, rejections }: Lane, nowMs: number): string[] {
  return symbols.filter((symbol) => {
    const rejection = rejections.get(symbol)
    return rejection === undefined || (rejection.askAtMs !== undefined && rejection.askAtMs <= nowMs)
  })
}

/** With more symbols rejected. */
export function withRejections(lane: Lane, added: Iterable<readonly [string, Rejection]>): Lane {
  return { ...lane, rejections: new Map([...lane.rejections, ...added]) }
}

/** With symbols accepted that were rejected before. */
export function withoutRejections(lane: Lane, symbols: Iterable<string>): Lane {
  const rejections = new Map(lane.rejections)
  for (const symbol of symbols) rejections.delete(symbol)
  return rejections.size === lane.rejections.size ? lane : { ...lane, rejections }
}

/** Those that deliver now. */
export function liveSymbols({ main }: Lane): string[] {
  return symbolsWhere(main, (one) => one.hasData && !one.isProbed && !one.isDead)
}

/** Those that are subscribed and suspect, or do not deliver. */
export function staleSymbols({ main }: Lane): string[] {
  return symbolsWhere(main, (one) => one.isProbed || one.isDead)
}

function symbolsWhere(main: Connection | undefined, isSo: (one: Subscription) => boolean): string[] {
  return [...(main?.subscriptions ?? [])].filter(([, one]) => isSo(one)).map(([symbol]) => symbol)
}

/** One step after another. */
export function inTurn(first: LaneStep, second: LaneStep): LaneStep {
  return { lane: second.lane, effects: [...first.effects, ...second.effects] }
}
