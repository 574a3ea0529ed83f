/** One thing to collect: exchange × native symbol, with the names and scale the rest of kx uses. */
export interface Instrument {
  /** `binance_us`, `kraken`: lower snake case. */
  readonly exchange: string
  /** The exchange's own name: `BTCUSDT`, `BTC/USD`. */
  readonly nativeSymbol: string
  /** Canonical, with the asset class as quote: `BTC-USD`. */
  readonly symbol: string
  /** The real quote: `USD`, `USDT`, `USDC`. */
  readonly quoteAsset: string
  /** The native symbol counts this many units: price ÷ multiplier, volume × multiplier. */
  readonly multiplier: number
  readonly marketType: string
  /** ms since the epoch; undefined: always. */
  readonly listedFromMs: number | undefined
  /** Exclusive; undefined: still listed. */
  readonly listedToMs: number | undefined
  readonly renamedFrom: string | undefined
  /** Other spellings files and archives use: Kraken's `XBTUSD`. */
  readonly aliases: readonly string[]
}
