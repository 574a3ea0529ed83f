import type { TickRow } from '../record/index.ts'
import type { CcxtMarket, CcxtTicker } from './ccxt-types.ts'

/** Names whose first letters are not a coin of the dollar class keep their quote: BTC/EUR is BTC-EUR. */
const DOLLARS = new Set(['USD', 'USDT', 'USDC', 'FDUSD', 'TUSD', 'BUSD', 'USDD', 'DAI'])

/** The names that a market's ticks carry: canonical symbol and real quote. */
export function namesOf({ symbol, base, quote }: CcxtMarket): { symbol: string; quoteAsset: string } {
  const [left = symbol, right = ''] = symbol.split(/[:/]/)
  const quoteAsset = quote ?? right
  return { symbol: `${base ?? left}-${DOLLARS.has(quoteAsset) ? 'USD' : quoteAsset}`, quoteAsset }
}

/**
 * A ticker as a row: its price is `last`, else `close`.
 *
 * @returns undefined for one without any price: nothing to keep
 */
export function tickRowOf(
  ticker: CcxtTicker,
  market: CcxtMarket,
  { isSampled, keepsRaw }: { readonly isSampled: boolean; readonly keepsRaw: boolean },
): TickRow | undefined {
  const price = decimalOf(ticker.last) ?? decimalOf(ticker.close)
  const [bid, ask] = [decimalOf(ticker.bid), decimalOf(ticker.ask)]
  if (price === undefined && bid === undefined && ask === undefined) return undefined
  return {
    nativeSymbol: market.id,
    unifiedSymbol: market.symbol,
    price,
    bid,
    ask,
    last: decimalOf(ticker.last),
    open: decimalOf(ticker.open),
    high: decimalOf(ticker.high),
    low: decimalOf(ticker.low),
    baseVolume: decimalOf(ticker.baseVolume),
    quoteVolume: decimalOf(ticker.quoteVolume),
    exchangeAt: isoOf(ticker.timestamp),
    isSampled,
    raw: keepsRaw ? (JSON.stringify(ticker.info) ?? '') : '',
  }
}

/** A number as a plain decimal: never with an exponent. Undefined: not reported, or no number. */
export function decimalOf(value: unknown): string | undefined {
  const number = typeof value === 'string' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined
  const text = String(number)
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (!match) return text
  const [, sign = '', whole = '', fraction = '', power = '0'] = match
  const digits = whole + fraction
  const point = whole.length + Number(power)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return `${sign}${digits}${'0'.repeat(point - digits.length)}`
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}

/** 2009-01-03 and 2100: a time outside is none. */
const FIRST_MS = 1_230_940_800_000
const LAST_MS = 4_102_444_800_000

function isoOf(ms: number | undefined): string | undefined {
  if (typeof ms !== 'number' || !(ms >= FIRST_MS && ms < LAST_MS)) return undefined
  return new Date(ms).toISOString()
}
