import type { DeliveredRow } from '../finality/index.ts'

/** A candle as one frame or answer gave it. Numbers are the exchange's own decimal texts. */
export interface CandleRow extends DeliveredRow {
  readonly nativeSymbol: string
  readonly prices: CandleTexts
  /** The exchange's clock, ISO 8601; undefined: not reported. */
  readonly eventAt: string | undefined
  /** The record as the exchange wrote it, byte for byte: its own slice of a frame with many. */
  readonly raw: string
}

/** Decimal texts in the exchange's units; undefined: not reported. */
export interface CandleTexts {
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
  readonly quoteVolume: string | undefined
  readonly vwap: string | undefined
  readonly tradeCount: string | undefined
}

/** A ticker as it came; columns of bronze.market_ticks. Numbers are decimal texts. */
export interface TickRow {
  readonly nativeSymbol: string
  /** CCXT's unified name, `BTC/USDT`. */
  readonly unifiedSymbol: string
  readonly price: string | undefined
  readonly bid: string | undefined
  readonly ask: string | undefined
  readonly last: string | undefined
  readonly open: string | undefined
  readonly high: string | undefined
  readonly low: string | undefined
  readonly baseVolume: string | undefined
  readonly quoteVolume: string | undefined
  /** ISO 8601. */
  readonly exchangeAt: string | undefined
  /** Polled or conflated: ticks between two are lost. */
  readonly isSampled: boolean
  readonly raw: string
}

/** Something that happened to a feed; columns of bronze.connection_events. */
export interface ConnectionEvent {
  /** Canonical; undefined: the whole feed. */
  readonly symbol: string | undefined
  /** `connecting`, `connected`, `subscribed`, `rejected`, `silent`, `disconnected`, `rotating`, …: snake_case. */
  readonly event: string
  readonly atMs: number
  readonly attempt: number | undefined
  /** In one snake_case word; `collector` where kx itself is the cause. */
  readonly cause: string | undefined
  readonly details: Readonly<Record<string, unknown>> | undefined
}

/** A closed stretch of time in which a feed was up; columns of bronze.feed_uptime. Never crosses an hour. */
export interface UptimeSegment {
  readonly channel: string
  readonly symbol: string | undefined
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
  /** Why it ended; undefined: it goes on in the next segment. */
  readonly cause: string | undefined
}

/** Where a frame came in: the identity of everything that it gave. */
export interface Origin {
  readonly exchange: string
  readonly feedId: string
  /** Of the frame within the feed, from 0. */
  readonly sequence: number
  readonly receivedAtMs: number
  readonly monotonicNs: bigint
}

/** A line for the landing: one record, complete, without its line end. */
export interface LandingLine {
  /** Hive folder, from `exchange=` (or `dead-letters/`) to `hour=`, without slashes at its ends. */
  readonly folder: string
  readonly text: string
}
