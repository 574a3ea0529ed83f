/** What a feed or a repair wants to do at an exchange's address. */
export interface BrokerAsk {
  /** Of the URL: `https://api.kraken.com`. */
  readonly address: string
  readonly kind: 'connect' | 'rest'
  /** REST weight; 1 for a connect. */
  readonly weight: number
  /** Live repair goes before history. */
  readonly priority: 'live' | 'history'
}

/** What the exchange answered, so that the broker learns. */
export interface BrokerReport {
  readonly address: string
  readonly kind: 'connect' | 'rest'
  /** HTTP status; undefined: no answer. */
  readonly status: number | undefined
  /** Retry-After, ms. */
  readonly retryAfterMs: number | undefined
  /** Weight used in the window, by the exchange's own count. */
  readonly usedWeight: number | undefined
}

/** One for all processes: every connect and every REST call asks it first. */
export interface Broker {
  /** Resolves when it may be done; rejects only by `signal`. */
  grant(ask: BrokerAsk, signal?: AbortSignal): Promise<void>
  report(report: BrokerReport): void
}
