import type { ParsedFrame } from '../mapper.ts'
import { candleOf, isTooEarly, MINUTE_MS } from '../wire/candle.ts'
import { cutToMicros, utcMs } from '../wire/time.ts'

const NUMBER = String.raw`(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)`
const TIME = String.raw`([\d:.TZ-]{20,30})`
const PAIR = String.raw`([\w.-]{1,30}\/[\w.-]{1,30})`
const COUNT = String.raw`(0|[1-9]\d{0,14})`

/** An update of one row as Kraken writes them: no blanks, members in this order. */
const UPDATE = new RegExp(
  `^\\{"channel":"ohlc","type":"update","timestamp":"${TIME}","data":\\[(\\{"symbol":"${PAIR}",` +
    `"open":${NUMBER},"high":${NUMBER},"low":${NUMBER},"close":${NUMBER},"trades":${COUNT},"volume":${NUMBER},` +
    `"vwap":${NUMBER},"interval_begin":"${TIME}","interval":1,"timestamp":"${TIME}"\\})\\]\\}$`,
)

/**
 * What an update says, read in one go: nearly all frames are such, and their numbers' texts are wanted, which
 * JSON.parse does not give.
 *
 * @returns undefined for any other frame, and for one with something wrong: whoever reads it slowly says what
 */
export function parsePlainUpdate(frame: string): ParsedFrame | undefined {
  const match = UPDATE.exec(frame)
  if (match === null) return undefined
  const [, sent = '', raw = '', nativeSymbol = '', open = '', high = '', low = '', close = ''] = match
  const [, , , , , , , , tradeCount = '', volume = '', vwap = '', begin = '', end = ''] = match
  const startMs = minuteMs(begin)
  const sentMs = utcMs(sent)
  const isInTime = !Number.isNaN(sentMs) && !isTooEarly(sentMs, startMs)
  if (!isInTime || minuteMs(end) !== startMs + MINUTE_MS) return undefined
  const prices = { open, high, low, close, volume, quoteVolume: undefined, vwap, tradeCount }
  const eventAt = cutToMicros(sent)
  const row = candleOf({ nativeSymbol, startMs, isFinal: false, prices, eventAt, raw })
  return typeof row === 'string' ? undefined : { kind: 'candles', rows: [row] }
}

/** Two minutes are named by nearly all frames: the one that runs and its end. */
const known: { text: string; ms: number }[] = [
  { text: '', ms: Number.NaN },
  { text: '', ms: Number.NaN },
]
let oldest = 0

function minuteMs(text: string): number {
  for (const one of known) if (one.text === text) return one.ms
  const one = { text, ms: utcMs(text) }
  known[oldest] = one
  oldest = 1 - oldest
  return one.ms
}
