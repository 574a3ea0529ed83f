import type { FeedLimits } from '../exchange/mapper.ts'
import type { TradesAnswer } from './trades-question.ts'

/** What the machine goes by: the exchange's limits. */
export type LaneRules = Pick<FeedLimits, 'acksSymbols' | 'silenceMs' | 'quietMs' | 'lifetimeMs'>

/** When a decision is made, and the chance that goes into it. */
export interface Moment {
  /** Monotonic ms. */
  readonly nowMs: number
  /** From 0 to below 1. */
  readonly random: number
}

/** What was seen of one connection up to now; see `DataWatch`. */
export interface Seen {
  frameMs(): number
  dataMs(symbol: string): number | undefined
  gapMs(symbol: string): number | undefined
}

/** Why a connection ended. */
export interface End {
  /** In one snake_case word. */
  readonly cause: string
  readonly details: Readonly<Record<string, unknown>> | undefined
  /** The exchange asked to wait so long. */
  readonly retryAfterMs?: number | undefined
}

/** What happens to one connection. */
export type ConnectionEvent =
  | { readonly type: 'granted' }
  /** The handshake is done; `symbols` are to be subscribed. */
  | { readonly type: 'opened'; readonly symbols: readonly string[] }
  /** It could not be opened, or is gone. */
  | { readonly type: 'lost'; readonly end: End }
  /** The frames that subscribe them went out. */
  | { readonly type: 'sent'; readonly symbols: readonly string[] }
  | { readonly type: 'acknowledged'; readonly symbols: readonly string[] }
  | { readonly type: 'rejected'; readonly symbols: readonly string[]; readonly reason: string }
  /** Data of a symbol that `awaitsData`. */
  | { readonly type: 'data'; readonly symbol: string }
  | {
      readonly type: 'probed'
      readonly symbol: string
      /** Undefined: it cannot be told. */
      readonly answer: TradesAnswer | undefined
      /** How long it had been without data when that was asked. */
      readonly ageMs: number
    }
  | { readonly type: 'subscribe' | 'unsubscribe'; readonly symbols: readonly string[] }
  | { readonly type: 'tick'; readonly seen: Seen }

/** What a lane is told. */
export type LaneEvent =
  | { readonly type: 'start' }
  | { readonly type: 'connection'; readonly id: number; readonly event: ConnectionEvent }
  /** The exchange's own state: `online`, `maintenance`. */
  | { readonly type: 'status'; readonly id: number; readonly status: string }
  /** The exchange is about to hang up. */
  | { readonly type: 'shutdown'; readonly id: number }
  /** Time has passed; `seen` by connection. */
  | { readonly type: 'tick'; readonly seen: (id: number) => Seen }
  /** What the exchange does not list, with the reason. */
  | { readonly type: 'listed'; readonly missing: ReadonlyMap<string, string> }
  /** No connection as long as any hold stands. */
  | { readonly type: 'hold' | 'release'; readonly cause: string }
  | { readonly type: 'stop'; readonly cause: string }

/** What is to be done about it. */
export type LaneEffect =
  /** Ask the broker for leave to connect. */
  | { readonly type: 'ask'; readonly id: number }
  | { readonly type: 'open'; readonly id: number }
  | { readonly type: 'subscribe' | 'unsubscribe'; readonly id: number; readonly symbols: readonly string[] }
  /** Whether its silence proves nothing, or does again. */
  | { readonly type: 'doubt'; readonly id: number; readonly symbol: string; readonly isInDoubt: boolean }
  /** Find out whether the exchange had trades in the last `ageMs`. */
  | { readonly type: 'probe'; readonly id: number; readonly symbol: string; readonly ageMs: number }
  /** Hang up, if that is still to be done; nothing more of it counts. */
  | { readonly type: 'end'; readonly id: number; readonly cause: string }
  /** `id`: undefined before the first connection, and between two. */
  | ({ readonly type: 'tell'; readonly id: number | undefined } & Told)

/** A connection event to be written down, and how loud it is said. */
export interface Told {
  readonly event: string
  readonly symbol?: string | undefined
  readonly attempt?: number | undefined
  readonly cause?: string | undefined
  readonly details?: Readonly<Record<string, unknown>> | undefined
  /** Undefined: to the landing alone. */
  readonly level?: 'info' | 'warn' | 'error' | undefined
}
