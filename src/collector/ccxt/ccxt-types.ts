/** The part of a CCXT Pro exchange that kx uses. */
export interface CcxtExchange {
  readonly id: string
  readonly has: Readonly<Record<string, boolean | string | undefined>>
  urls: { api: unknown }
  readonly markets: Readonly<Record<string, CcxtMarket>> | undefined
  tickers: Record<string, CcxtTicker>
  /** Of the newest answer by REST; names like `Retry-After`. */
  readonly last_response_headers: Readonly<Record<string, string>> | undefined
  readonly clients: Readonly<Record<string, CcxtClient>>
  loadMarkets(reload?: boolean): Promise<Readonly<Record<string, CcxtMarket>>>
  /** CCXT needs its agent even without a proxy before it dials ws:// in place of wss://. */
  loadHttpProxyAgent(): Promise<unknown>
  watchTickers(symbols?: readonly string[]): Promise<unknown>
  watchTicker(symbol: string): Promise<unknown>
  fetchTickers(symbols?: readonly string[]): Promise<Readonly<Record<string, CcxtTicker>>>
  close(): Promise<void>
  client(url: string): CcxtClient
  handleMessage(client: CcxtClient, message: unknown): unknown
  fetch(url: string, method?: string, headers?: unknown, body?: unknown): Promise<unknown>
}

/** One socket of an exchange. */
export interface CcxtClient {
  readonly url: string
  readonly connection: { pause?: () => void; resume?: () => void; terminate?: () => void } | undefined
  createConnection(): void
  isOpen(): boolean
  send(message: unknown): Promise<unknown>
  resolve(result: unknown, messageHash?: string): unknown
}

/** A market of an exchange, by its unified name `BTC/USDT`. */
export interface CcxtMarket {
  readonly id: string
  readonly symbol: string
  readonly base?: string | undefined
  readonly quote?: string | undefined
  readonly active?: boolean | undefined
  readonly spot?: boolean | undefined
}

/** A ticker as CCXT unifies it; numbers are JavaScript's. */
export interface CcxtTicker {
  readonly symbol?: string | undefined
  /** Ms; what it means differs from exchange to exchange. */
  readonly timestamp?: number | undefined
  readonly open?: number | undefined
  readonly high?: number | undefined
  readonly low?: number | undefined
  readonly close?: number | undefined
  readonly last?: number | undefined
  readonly bid?: number | undefined
  readonly ask?: number | undefined
  readonly baseVolume?: number | undefined
  readonly quoteVolume?: number | undefined
  readonly info?: unknown
}
