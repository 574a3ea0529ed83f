import { parseDecimal, parseWhole, splitColumns } from './bytes.ts'
import { faultOf, type ParseLine } from './candle.ts'

const COMMA = 0x2c
const COLUMNS = 7

/**
 * A line of Kraken's OHLCVT archive: time in s, open, high, low, close, volume, trades. The interval is in the
 * file's name alone; minutes without a trade have no line.
 *
 * @see https://support.kraken.com/articles/360047124832
 */
export function krakenLines(intervalMs: number): ParseLine {
  const starts = new Int32Array(COLUMNS + 1)
  return (bytes, from, to, candle) => {
    const count = splitColumns(bytes, { from, to, separator: COMMA, starts })
    if (count !== COLUMNS)
      return `${count > COLUMNS ? 'more than 7' : count} columns where Kraken's archive has 7`
    const end = (i: number) => (starts[i + 1] as number) - 1
    const decimal = (i: number) => parseDecimal(bytes, starts[i] as number, end(i))
    candle.intervalMs = intervalMs
    candle.startMs = parseWhole(bytes, from, end(0)) * 1000
    candle.open = decimal(1)
    candle.high = decimal(2)
    candle.low = decimal(3)
    candle.close = decimal(4)
    candle.volume = decimal(5)
    candle.tradeCount = parseWhole(bytes, starts[6] as number, to)
    candle.quoteVolume = Number.NaN
    candle.vwap = Number.NaN
    if (Number.isNaN(candle.tradeCount)) return 'trades is not a whole number'
    return faultOf(candle)
  }
}
