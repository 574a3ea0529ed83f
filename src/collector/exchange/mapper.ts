import type { CandleRow } from '../record/index.ts'

/** One exchange's WebSocket and REST, without touching either. A small pure file per exchange. */
export interface Mapper {
  /** `binance_us`: lower snake case. */
  readonly exchange: string
  /** Default addresses, without a path that names symbols. */
  readonly wsUrl: string
  readonly restUrl: string
  /** What the feed is called in landing and uptime: `ohlc`, `kline_1m`. */
  readonly channel: string
  readonly limits: FeedLimits
  /** How rows of a WebSocket feed settle: see finality. */
  readonly rules: SettlingRules
  /** The address to connect to, made of the base address. */
  connectUrl(wsUrl: string): string
  /**
   * Frames that subscribe `symbols`; each within the exchange's limits. Sent in order, paced by `limits`. The
   * first has the id `requestId`, the others those after it.
   */
  subscribe(symbols: readonly string[], requestId: number): readonly string[]
  unsubscribe(symbols: readonly string[], requestId: number): readonly string[]
  /** A frame that keeps the connection alive, sent every `limits.pingEveryMs`; undefined: the protocol does it. */
  ping?(requestId: number): string
  /** Whether answers to `ping` say what time it is there; where they do not, REST is asked. */
  readonly doesPongTellTime: boolean
  /** What a frame says. Never throws, whatever it holds. */
  parse(frame: string): ParsedFrame
  readonly rest: RestMapper
}

export interface FeedLimits {
  readonly symbolsPerConnection: number
  /** Between two frames that we send, ms. */
  readonly sendEveryMs: number
  /** Most connects of this address: `count` in `perMs`, by what the exchange publishes. */
  readonly connects: { readonly count: number; readonly perMs: number }
  /** The exchange hangs up after this; a feed is rotated well before. Undefined: it does not. */
  readonly lifetimeMs: number | undefined
  /** No frame of any kind for this long: the connection is dead. */
  readonly silenceMs: number
  /** A subscription without data for this long is suspect, before its own rhythm is known. */
  readonly quietMs: number
  readonly pingEveryMs: number | undefined
  /** Whether each symbol is acknowledged by name. Where not, a symbol is checked against the exchange's list first. */
  readonly acksSymbols: boolean
}

export interface SettlingRules {
  readonly doesNextClose: boolean
  readonly doesSilenceProve: boolean
}

/** What one frame is. */
export type ParsedFrame =
  | {
      readonly kind: 'candles'
      readonly rows: readonly CandleRow[]
      /** The state of these symbols anew: what was delivered of them before proves nothing about the time between. */
      readonly isSnapshot?: boolean
    }
  /** Proves that the socket lives, nothing else. `serverMs`: the exchange's clock, where it says so. */
  | { readonly kind: 'heartbeat'; readonly serverMs?: number }
  | {
      readonly kind: 'acknowledged'
      readonly requestId: number | undefined
      /** Undefined: all that the request named. */
      readonly nativeSymbol: string | undefined
    }
  | {
      readonly kind: 'rejected'
      readonly requestId: number | undefined
      readonly nativeSymbol: string | undefined
      readonly reason: string
    }
  /** The exchange's own state: `online`, `maintenance`. */
  | { readonly kind: 'status'; readonly status: string }
  /** The exchange is about to hang up. */
  | { readonly kind: 'shutdown' }
  /** A known frame of a channel that is not collected. */
  | { readonly kind: 'ignored' }
  /** Goes whole to dead letters, and breaks the delivery of `nativeSymbol`, of all symbols if undefined. */
  | { readonly kind: 'malformed'; readonly reason: string; readonly nativeSymbol: string | undefined }

/** An exchange's REST interface: requests as data, answers as text. */
export interface RestMapper {
  /** Requests per `perMs` that the exchange allows one address, in weights. */
  readonly budget: { readonly weight: number; readonly perMs: number }
  /** How rows of one answer settle. */
  readonly rules: SettlingRules
  /** Candles from `fromMs` (inclusive) to `toMs` (exclusive), as far as one page goes; later pages start where rows end. */
  candles(ask: CandleAsk): RestRequest
  /** Minutes before the newest that `candles` can reach; undefined: all. */
  readonly reachMinutes: number | undefined
  /**
   * Minutes from `fromMs` on that one answer is about, whether it has rows of them or not; undefined: it holds the
   * first rows there are.
   */
  readonly windowMinutes?: number
  /**
   * Rows of an answer in order of time, running ones included: the caller knows the time. `fault`: the answer is
   * none, or says an error.
   */
  parseCandles(body: string, ask: CandleAsk): RestAnswer<readonly CandleRow[]>
  /** Trades of history too old for candles; absent where candles reach everything. */
  readonly trades?: TradesMapper
  /** What the exchange lists. */
  symbols(): RestRequest
  parseSymbols(body: string): RestAnswer<readonly ListedSymbol[]>
  /** The exchange's clock, ms; undefined: from the answer's Date header alone. */
  time?(): RestRequest
  parseTime?(body: string): RestAnswer<number>
  /** Weight used in the window, by an answer's headers (lower-case names). */
  usedWeight?(headers: Readonly<Record<string, string>>): number | undefined
}

export interface CandleAsk {
  readonly nativeSymbol: string
  readonly fromMs: number
  readonly toMs: number
}

export interface TradesMapper {
  /** `cursor`: what the page before gave; undefined: the first page, from `fromMs`. */
  trades(ask: CandleAsk, cursor: string | undefined): RestRequest
  /** A page: its trades, and the cursor of the next page, undefined at the end. Pages may overlap: trades have ids. */
  parseTrades(body: string): RestAnswer<TradesPage>
}

export interface TradesPage {
  readonly trades: readonly Trade[]
  readonly cursor: string | undefined
}

export interface Trade {
  readonly id: string
  readonly atMs: number
  readonly price: string
  readonly volume: string
}

/** A GET below the exchange's REST address. */
export interface RestRequest {
  /** With its query: `/api/v3/klines?symbol=…`. */
  readonly path: string
  readonly weight: number
}

export type RestAnswer<Value> =
  | { readonly ok: true; readonly value: Value }
  | {
      readonly ok: false
      /** `limited`: ask less · `unknown_symbol`: for ever · `unavailable`: later · `malformed`: not what it should be. */
      readonly fault: 'limited' | 'unknown_symbol' | 'unavailable' | 'malformed'
      readonly reason: string
    }

export interface ListedSymbol {
  /** As the WebSocket wants it. */
  readonly nativeSymbol: string
  /** Other spellings: `XBTUSD`, `XXBTZUSD`. */
  readonly aliases: readonly string[]
  readonly isTrading: boolean
  readonly status: string
}
