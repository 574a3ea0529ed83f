import type { Place } from './error.ts'

/** What `collect:` in project.yml says: how the collector runs. Secrets are not here; they come by environment. */
export interface CollectSettings {
  /** Absolute: holds the landing's Hive folders. */
  readonly landingDirectory: string
  /** Loopback port of health and metrics; 0: any free one. */
  readonly port: number
  /** Most worker processes; undefined: as many as the machine and the exchanges call for. */
  readonly workers: number | undefined
  /** Parts that are loaded (and uploaded, with a store) are deleted this long after their hour; undefined: when space calls for it. */
  readonly retainMs: number | undefined
  readonly store: StoreSettings | undefined
  /** Settings of single exchanges; those of `instruments` that are not here are collected with defaults. */
  readonly exchanges: readonly ExchangeSettings[]
}

/** An S3-compatible store. Credentials come from the usual AWS variables or files. */
export interface StoreSettings {
  readonly bucket: string
  /** In front of every key; '' or ends with `/`. */
  readonly prefix: string
  readonly region: string | undefined
  /** Of a store that is not AWS. */
  readonly endpoint: string | undefined
  readonly isPathStyle: boolean
}

/** One exchange. */
export interface ExchangeSettings {
  readonly exchange: string
  /** In place of the exchange's own addresses: a proxy, a region, the simulator. */
  readonly wsUrl: string | undefined
  readonly restUrl: string | undefined
  /** Candles are collected where instruments are listed and the exchange has a mapper, unless switched off. */
  readonly hasCandles: boolean
  /** Ticks, through CCXT; undefined: none. */
  readonly ticks: TickSettings | undefined
}

/** Which tickers of an exchange are collected. */
export interface TickSettings {
  /** CCXT's id where it is not the exchange's: `binanceus` for binance_us. */
  readonly ccxtId: string
  /** `BTC/USD,ETH%`: exact names or LIKE patterns, any case; undefined: all. */
  readonly symbols: string | undefined
  readonly isSpotOnly: boolean
  /** The first so many by 24 h quote volume; undefined: all. */
  readonly maxSymbols: number | undefined
  /** Most streams where an exchange has one stream per symbol. */
  readonly maxStreams: number | undefined
  /** Keep CCXT's `info` as raw. */
  readonly keepsRaw: boolean
  /** Where project.yml names the exchange. */
  readonly at?: Place | undefined
}
