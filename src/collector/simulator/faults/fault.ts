/**
 * Something that goes wrong on demand. Where `exchange`, `connection` or `symbol` is left out, the faults' seed
 * chooses a connection, and any symbol will do. Times are ms of the simulator's clock. A fault without anything to
 * act on (no connection, no such frame yet) waits for it.
 */
export type Fault =
  | DropFault
  | HangFault
  | CloseFault
  | CloseEveryFault
  | ShutdownFault
  | SilenceFault
  | RejectFault
  | DuplicateFault
  | ReorderFault
  | CorruptFault
  | DelayFinalFault
  | SplitFault
  | SkewFault
  | RefuseConnectFault
  | RateLimitFault
  | BanFault
  | ServerErrorFault
  | SlowBodyFault
  | ErrorBodyFault
  | BurstFault

export type FaultKind = Fault['kind']

/** Where a fault acts on a connection. */
interface OnConnection {
  /** Default: any. */
  readonly exchange?: string
  /** Its id, or `all` that are open; default: one of them. */
  readonly connection?: string
}

/** The connection ends with a TCP reset; what was under way is lost. */
export interface DropFault extends OnConnection {
  readonly kind: 'drop'
}

/** Half open: nothing is read or sent any more, pings included, and the socket stays. */
export interface HangFault extends OnConnection {
  readonly kind: 'hang'
  /** Then it is reset, if the client did not give up before; default 10 min. */
  readonly forMs?: number
}

/** The connection ends with a close frame. */
export interface CloseFault extends OnConnection {
  readonly kind: 'close'
  /** Default 1001: going away. */
  readonly code?: number
}

/** From now on each connection is closed so long after it was opened. */
export interface CloseEveryFault {
  readonly kind: 'close-every'
  readonly exchange?: string
  /** 0 ends it. */
  readonly everyMs: number
  /** Default: for ever. */
  readonly forMs?: number
}

/** The exchange says that it goes down (Binance `serverShutdown`, Kraken status `maintenance`), then closes all. */
export interface ShutdownFault {
  readonly kind: 'shutdown'
  /** Default: any one. */
  readonly exchange?: string
  /** From the notice to the end; default 10 s. */
  readonly leadMs?: number
}

/** Subscriptions are acknowledged, and their data does not come. Heartbeats and pings do. */
export interface SilenceFault extends OnConnection {
  readonly kind: 'silence'
  /** The exchange's own name; default: all symbols. */
  readonly symbol?: string
  /** So long on every connection (of `connection`, if given), new ones too; default: one connection until it ends. */
  readonly forMs?: number
}

/** A subscription is refused: Kraken `success: false`, Binance an error for the whole request. */
export interface RejectFault {
  readonly kind: 'reject'
  readonly exchange?: string
  readonly symbol?: string
  /** How many; default 1. */
  readonly times?: number
}

/** Which frames with market data are meant, and how many. */
interface OnFrame extends OnConnection {
  readonly symbol?: string
  /** How many; default 1. */
  readonly times?: number
}

/** A frame comes twice. */
export interface DuplicateFault extends OnFrame {
  readonly kind: 'duplicate'
}

/** A frame comes after the next one of another symbol on its connection. Never two of one symbol. */
export interface ReorderFault extends OnFrame {
  readonly kind: 'reorder'
}

/** A frame cannot be parsed. */
export interface CorruptFault extends OnFrame {
  readonly kind: 'corrupt'
  /**
   * `any` (default) · `last`: the one that completes a minute, `x: true` or a minute's last trade · `closing`: the
   * one that makes a minute final, `x: true` or Kraken's first trade of a later one · `answer`: an ack or refusal.
   */
  readonly target?: 'any' | 'last' | 'closing' | 'answer'
  /** `truncated` (default): cut off · `garbled`: a few characters are others. */
  readonly how?: 'truncated' | 'garbled'
}

/** The frame that completes a minute, and what follows of its symbol on that connection, comes so much later. */
export interface DelayFinalFault extends OnFrame {
  readonly kind: 'delay-final'
  /** Default 90 s. */
  readonly byMs?: number
  /** Only this minute of an hour: 59 delays past the hour. Default: any. */
  readonly minute?: number
}

/** A frame comes in three fragments, over some time. */
export interface SplitFault extends OnFrame {
  readonly kind: 'split'
  /** Default 2 s. */
  readonly overMs?: number
}

/** The exchange's clock is set to be so far ahead of the simulator's; negative: behind. */
export interface SkewFault {
  readonly kind: 'skew'
  /** Default: all. */
  readonly exchange?: string
  readonly skewMs: number
}

/** How many requests are meant, or how long. */
interface OnRequest {
  /** Default: any. */
  readonly exchange?: string
  /** How many; default 1. Not counted where `forMs` is given. */
  readonly times?: number
  readonly forMs?: number
}

/** Handshakes are refused. */
export interface RefuseConnectFault extends OnRequest {
  readonly kind: 'refuse-connect'
  /** Default 429. */
  readonly status?: number
  /** Default 5 s. */
  readonly retryAfterMs?: number
}

/** REST answers 429 with Retry-After. */
export interface RateLimitFault extends OnRequest {
  readonly kind: 'rate-limit'
  /** Default 5 s. */
  readonly retryAfterMs?: number
}

/** REST answers 418: the address is banned. */
export interface BanFault extends OnRequest {
  readonly kind: 'ban'
  /** Default 120 s. */
  readonly retryAfterMs?: number
}

/** REST answers 5xx. */
export interface ServerErrorFault extends OnRequest {
  readonly kind: 'server-error'
  /** Default 503. */
  readonly status?: number
}

/** REST answers rightly, but its body drips. */
export interface SlowBodyFault extends OnRequest {
  readonly kind: 'slow-body'
  /** Default 20 s. */
  readonly overMs?: number
}

/** REST answers HTTP 200 with an error in its body. */
export interface ErrorBodyFault extends OnRequest {
  readonly kind: 'error-body'
  /** Default `EGeneral:Too many requests`, for Binance -1003. */
  readonly error?: string
}

/** So many ticker frames at once, each with another price, to those who are subscribed to tickers. */
export interface BurstFault extends OnConnection {
  readonly kind: 'burst'
  readonly symbol?: string
  /** Default 1000. */
  readonly frames?: number
}
