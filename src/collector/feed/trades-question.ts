import type { HeldRow } from '../finality/index.ts'

/** Whether an exchange had trades that a silent symbol did not tell of. Plain JSON. */
export interface TradesQuestion {
  readonly exchange: string
  readonly nativeSymbol: string
  /** By the exchange's clock, ms. */
  readonly sinceMs: number
  /** The newest row of the connection that is silent; undefined: none yet. */
  readonly held: HeldRow | undefined
}

/** What the exchange says. Plain JSON. */
export interface TradesAnswer {
  /** In a minute that began after `sinceMs`. */
  readonly hadTrades: boolean
  /** Nothing at all was traded beyond the row that is held. */
  readonly isAllHeld: boolean
}
