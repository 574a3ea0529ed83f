import { columnText, parseDecimalText, splitColumns } from './bytes.ts'
import { faultOf, type ParseLine } from './candle.ts'
import { epochMs, parseIsoUs } from './time.ts'

/** What a column of a generic CSV may be called, lower case; the first name is the one to use. */
const NAMES = {
  time: ['open_time_ms', 'open_time', 'timestamp', 'interval_start', 'time', 'datetime', 'date', 'ts'],
  open: ['open', 'o'],
  high: ['high', 'h'],
  low: ['low', 'l'],
  close: ['close', 'c'],
  volume: ['volume', 'vol', 'base_volume', 'v'],
  quoteVolume: ['quote_volume', 'quote_asset_volume'],
  vwap: ['vwap'],
  tradeCount: ['trade_count', 'trades', 'count', 'number_of_trades'],
} as const

type ColumnName = keyof typeof NAMES
const REQUIRED: readonly ColumnName[] = ['time', 'open', 'high', 'low', 'close', 'volume']

/** Where the columns of a generic CSV are. */
export interface CsvHeader {
  readonly separator: number
  /** How many columns a line has. */
  readonly width: number
  readonly indexByName: Readonly<Partial<Record<ColumnName, number>>>
}

/** Reads a header line, or gives undefined if it does not name time, open, high, low, close and volume. */
export function parseCsvHeader(line: string): CsvHeader | undefined {
  const separator = [',', ';', '\t'].find((mark) => line.includes(mark))
  if (separator === undefined) return undefined
  const names = line.split(separator).map((name) =>
    name
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .toLowerCase(),
  )
  const indexByName: Partial<Record<ColumnName, number>> = {}
  for (const [column, spellings] of Object.entries(NAMES)) {
    const spelling = spellings.find((name) => names.includes(name))
    if (spelling !== undefined) indexByName[column as ColumnName] = names.indexOf(spelling)
  }
  if (REQUIRED.some((column) => indexByName[column] === undefined)) return undefined
  return { separator: separator.charCodeAt(0), width: names.length, indexByName }
}

/** Whether a header line is that of Binance's archives, which some of them have. */
export function isBinanceHeader(line: string): boolean {
  return /^open_time,open,high,low,close,volume,close_time,quote_(asset_)?volume,[^,]*(,[^,]*){3}$/i.test(
    line.trim(),
  )
}

/** A line of a CSV with a header; optional columns may be empty: not known. */
export function genericCsvLines(header: CsvHeader, intervalMs: number): ParseLine {
  const starts = new Int32Array(header.width + 1)
  const { time, open, high, low, close, volume, quoteVolume, vwap, tradeCount } = header.indexByName
  return (bytes, from, to, candle) => {
    const count = splitColumns(bytes, { from, to, separator: header.separator, starts })
    if (count !== header.width)
      return `${count > header.width ? 'more' : 'fewer'} columns than the header's ${header.width}`
    const text = (i: number) => columnText(bytes, starts[i] as number, (starts[i + 1] as number) - 1)
    const required = (i: number | undefined) => (i === undefined ? Number.NaN : parseDecimalText(text(i)))
    const optional = (i: number | undefined) => {
      const value = i === undefined ? '' : text(i)
      return value === '' || value.toLowerCase() === 'null' ? Number.NaN : parseDecimalText(value)
    }
    candle.intervalMs = intervalMs
    candle.startMs = time === undefined ? Number.NaN : parseTime(text(time))
    candle.open = required(open)
    candle.high = required(high)
    candle.low = required(low)
    candle.close = required(close)
    candle.volume = required(volume)
    candle.quoteVolume = optional(quoteVolume)
    candle.tradeCount = optional(tradeCount)
    const sentVwap = optional(vwap)
    candle.vwap =
      candle.volume > 0 ? (sentVwap > 0 ? sentVwap : candle.quoteVolume / candle.volume) : Number.NaN
    const isCounted = Number.isNaN(candle.tradeCount) || Number.isSafeInteger(candle.tradeCount)
    return isCounted ? faultOf(candle) : 'trade_count is not a whole number'
  }
}

function parseTime(text: string): number {
  const number = parseDecimalText(text)
  return Number.isNaN(number) ? parseIsoUs(text) / 1000 : epochMs(number)
}
