import type { Clock, ExchangeSettings, Instrument } from '../../base/index.ts'
import type { Broker } from '../broker/broker.ts'
import type { LandingLine } from '../record/index.ts'
import type { TradesAnswer, TradesQuestion } from './trades-question.ts'

/** What one worker collects through one exchange. */
export interface FeedPlan {
  readonly exchange: string
  readonly kind: 'candles' | 'ticks'
  /** Of this feed alone: its shard. For ticks those of project.yml, to name what CCXT knows. */
  readonly instruments: readonly Instrument[]
  /** Of a tick feed that shares an exchange with others: unified names; undefined: all that settings choose. */
  readonly tickSymbols: readonly string[] | undefined
  readonly settings: ExchangeSettings
}

/** All that a feed may reach. */
export interface FeedContext {
  readonly clock: Clock
  readonly broker: Broker
  /** `<collector>-<boot>-<worker>-<exchange>-<n>`, another one each time. */
  readonly nextFeedId: (exchange: string) => string
  /** Hands lines to the landing. */
  readonly land: (lines: readonly LandingLine[]) => void
  /** Whether frames may be taken; false: pause, close after 10 s. */
  readonly hasRoom: () => boolean
  /** Whether the exchange had trades of a symbol since then, by REST; undefined: cannot be told now. */
  readonly hadTrades: (question: TradesQuestion) => Promise<TradesAnswer | undefined>
  /** One line for the operator; the same `cause` is not repeated at once. */
  readonly log: (level: 'info' | 'warn' | 'error', cause: string, message: string) => void
}

/** A running feed: it reconnects for ever until it is stopped. */
export interface Feed {
  readonly plan: FeedPlan
  status(): FeedStatus
  /** Stops taking frames and hangs up; what was taken is handed to the landing before it resolves. */
  stop(cause: string): Promise<void>
  /** Leaves without new connections until `resume`, for a disk that is full. */
  pause(cause: string): void
  resume(): void
}

/** What an operator wants to know of a feed. Plain JSON. */
export interface FeedStatus {
  readonly exchange: string
  readonly kind: 'candles' | 'ticks'
  readonly state: 'connecting' | 'subscribing' | 'live' | 'waiting' | 'failed' | 'paused' | 'stopped'
  readonly connections: number
  readonly symbolsLive: number
  readonly symbolsStale: readonly string[]
  readonly symbolsRejected: readonly { readonly symbol: string; readonly reason: string }[]
  /** Age of the newest data by canonical symbol and quote (`BTC-USD/USDT`), s. */
  readonly dataAgeS: Readonly<Record<string, number>>
  readonly frames: number
  readonly bytes: number
  readonly records: number
  readonly deadLetters: number
  readonly reconnectsByCause: Readonly<Record<string, number>>
  /** received_at − event_at of the newest frame, ms; may be negative. */
  readonly lagMs: number | undefined
  /** The exchange's clock minus ours, ms. */
  readonly clockOffsetMs: number | undefined
}
