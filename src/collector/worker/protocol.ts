import type { BrokerAsk, BrokerReport } from '../broker/broker.ts'
import type { FeedPlan, FeedStatus } from '../feed/feed.ts'
import type { TradesAnswer, TradesQuestion } from '../feed/trades-question.ts'
import type { SyncedPart } from '../landing/landing.ts'

/** What a worker is told once, as its first message. */
export interface WorkerPlan {
  /** Number of the worker; a replacement gets another one. */
  readonly worker: number
  readonly collectorId: string
  readonly bootId: string
  /** Absolute. */
  readonly landingDirectory: string
  readonly feeds: readonly FeedPlan[]
  /** Another worker owns the subscriptions: ticks are counted, not landed, until `own`. */
  readonly isShadow?: boolean
}

/** Supervisor to worker, over the channel of child_process.fork; plain JSON. */
export type ToWorker =
  | { readonly type: 'start'; readonly plan: WorkerPlan }
  /** Answers an `ask`. */
  | { readonly type: 'granted'; readonly id: number }
  /** Answers `had-trades`; null: cannot be told. */
  | { readonly type: 'traded'; readonly id: number; readonly answer: TradesAnswer | null }
  | { readonly type: 'pause'; readonly kind: 'candles' | 'ticks'; readonly cause: string }
  | { readonly type: 'resume'; readonly kind: 'candles' | 'ticks' }
  /** Ends the shadow: what comes from now on is landed. */
  | { readonly type: 'own' }
  /** Stop feeds, seal the landing, exit 0. */
  | { readonly type: 'stop'; readonly cause: string }

/** Worker to supervisor. */
export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'synced'; readonly parts: readonly SyncedPart[] }
  /** Every second: the worker lives. */
  | { readonly type: 'status'; readonly status: WorkerStatus }
  | { readonly type: 'ask'; readonly id: number; readonly ask: BrokerAsk }
  | { readonly type: 'report'; readonly report: BrokerReport }
  | {
      readonly type: 'had-trades'
      readonly id: number
      readonly question: TradesQuestion
    }
  | {
      readonly type: 'log'
      readonly level: 'info' | 'warn' | 'error'
      readonly cause: string
      readonly message: string
    }
  /** Everything is sealed; the process ends. */
  | { readonly type: 'stopped' }

export interface WorkerStatus {
  readonly feeds: readonly FeedStatus[]
  /** In memory, not yet synced. */
  readonly pendingBytes: number
  /** Seconds since the last synced line; null: none yet. */
  readonly sinceSyncS: number | null
  readonly syncedBytes: number
  readonly residentBytes: number
  readonly loopDelayP99Ms: number
}
