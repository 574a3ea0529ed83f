import { parseDecimal, parseWhole, splitColumns } from './bytes.ts'
import { type Candle, faultOf, type ParseLine } from './candle.ts'
import { epochMs } from './time.ts'

const COMMA = 0x2c
const COLUMNS = 12

/**
 * A line of Binance's public kline archives: open time, open, high, low, close, volume, close time, quote
 * volume, trades, taker buy base, taker buy quote, ignore. Times are ms, µs in spot archives since 2025.
 *
 * @see https://github.com/binance/binance-public-data
 */
export function binanceLines(): ParseLine {
  const starts = new Int32Array(COLUMNS + 1)
  return (bytes, from, to, candle) => {
    const count = splitColumns(bytes, { from, to, separator: COMMA, starts })
    if (count !== COLUMNS)
      return `${count > COLUMNS ? 'more than 12' : count} columns where Binance's archives have 12`
    const end = (i: number) => (starts[i + 1] as number) - 1
    const decimal = (i: number) => parseDecimal(bytes, starts[i] as number, end(i))
    const whole = (i: number) => parseWhole(bytes, starts[i] as number, end(i))
    candle.startMs = epochMs(whole(0))
    candle.open = decimal(1)
    candle.high = decimal(2)
    candle.low = decimal(3)
    candle.close = decimal(4)
    candle.volume = decimal(5)
    candle.quoteVolume = decimal(7)
    candle.tradeCount = whole(8)
    candle.vwap = candle.volume > 0 ? candle.quoteVolume / candle.volume : Number.NaN
    return setInterval(candle, whole(6)) ?? faultOf(candle)
  }
}

/** The close time is inclusive: …59999 ms or …59999999 µs. */
function setInterval(candle: Candle, closeTime: number): string | undefined {
  if (Number.isNaN(candle.quoteVolume)) return 'quote volume is not a number'
  if (Number.isNaN(candle.tradeCount)) return 'trades is not a whole number'
  const intervalMs = epochMs(closeTime + 1) - candle.startMs
  if (!(intervalMs >= 60_000 && 86_400_000 % intervalMs === 0))
    return 'open and close time are not one interval apart'
  candle.intervalMs = intervalMs
  return undefined
}
