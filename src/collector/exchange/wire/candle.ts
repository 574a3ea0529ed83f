import { parseDecimalText } from '../../formats/bytes.ts'
import type { CandleRow, CandleTexts } from '../../record/index.ts'

/** A minute, ms: the only interval that is collected. */
export const MINUTE_MS = 60_000

/** 2009-01-03, the first Bitcoin block, and 2100: no candle is of a time before or after. */
const FIRST_MS = 1_230_940_800_000
const LAST_MS = 4_102_444_800_000

/** An exchange's clock may be wrong against its own candles, but not by as much as this. */
const CLOCK_SLACK_MS = 90 * MINUTE_MS

/** No asset has traded at such a price, and no minute had such a volume. */
const MOST_PRICE = 1e15
const MOST_VOLUME = 1e24

/** What an exchange said of a minute, before anybody looked whether it can be. */
export interface CandleClaim {
  readonly nativeSymbol: string
  readonly startMs: number
  readonly isFinal: boolean
  readonly prices: CandleTexts
  readonly eventAt: string | undefined
  readonly raw: string
}

/** Why a candle that begins between minutes is none. */
export const NOT_ON_MINUTE = 'the start is not on a minute'

/** The candle that a claim makes, or why it cannot be one. */
export function candleOf(claim: CandleClaim): CandleRow | string {
  const { nativeSymbol, startMs, isFinal, prices, eventAt, raw } = claim
  if (!isSymbol(nativeSymbol)) return 'the symbol is not one'
  const fault = timeFault(startMs) ?? priceFault(prices) ?? sumFault(prices)
  if (fault !== undefined) return fault
  const close = Number(prices.close)
  return { nativeSymbol, startMs, intervalMs: MINUTE_MS, close, isFinal, prices, eventAt, raw }
}

/** Whether `value` can be an exchange's name of a pair: short, without blanks, quotes or control characters. */
export function isSymbol(value: unknown): value is string {
  if (typeof value !== 'string' || value.length === 0 || value.length > 64) return false
  return /^[\w./:-]+$/.test(value) || /^[^\p{C}\p{Z}"\\]+$/u.test(value)
}

/** Whether a time is one that an exchange's clock can show, ms. */
export function isPlausibleTime(ms: unknown): ms is number {
  return typeof ms === 'number' && Number.isInteger(ms) && ms >= FIRST_MS && ms < LAST_MS
}

/** Whether an exchange says at `saidMs`, by its clock, what it cannot know before `knownMs`. */
export function isTooEarly(saidMs: number, knownMs: number): boolean {
  return saidMs < knownMs - CLOCK_SLACK_MS
}

function timeFault(startMs: number): string | undefined {
  if (!isPlausibleTime(startMs)) return 'the start is not a time of a candle'
  return startMs % MINUTE_MS === 0 ? undefined : NOT_ON_MINUTE
}

function priceFault({ open, high, low, close }: CandleTexts): string | undefined {
  const [opened, highest, lowest, closed] = [numberOf(open), numberOf(high), numberOf(low), numberOf(close)]
  const isPriced = (price: number) => price > 0 && price <= MOST_PRICE
  if (!(isPriced(opened) && isPriced(highest) && isPriced(lowest) && isPriced(closed)))
    return 'a price is not one'
  if (lowest > opened || lowest > closed) return 'low is above open or close'
  return highest < opened || highest < closed ? 'high is below open or close' : undefined
}

function sumFault({ volume, quoteVolume, vwap, tradeCount }: CandleTexts): string | undefined {
  const traded = numberOf(volume)
  const isSum = (sum: number) => sum >= 0 && sum <= MOST_VOLUME
  if (!isSum(traded)) return 'volume is not one'
  if (quoteVolume !== undefined && !isSum(numberOf(quoteVolume))) return 'quote volume is not one'
  if (vwap !== undefined && !(numberOf(vwap) >= 0 && numberOf(vwap) <= MOST_PRICE)) return 'vwap is not one'
  if (tradeCount === undefined) return undefined
  const count = Number(tradeCount)
  if (!(Number.isSafeInteger(count) && count >= 0)) return 'the count of trades is not one'
  return count === 0 && traded > 0 ? 'a volume without trades' : undefined
}

/** NaN for what is no text of a decimal number, whatever its declared type. */
function numberOf(text: unknown): number {
  return typeof text === 'string' && text.length <= 64 ? parseDecimalText(text) : Number.NaN
}
