import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'

/** A candle as it is computed here from the text of files; null: the file does not say. */
export interface HandCandle {
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  readonly quoteVolume: number | null
  readonly trades: number | null
  /** Minutes in it. */
  readonly minutes: number
}

/** Candles by `exchange symbol quote` and start (ms), in the order of time. */
export type HandCandles = ReadonlyMap<string, ReadonlyMap<number, HandCandle>>

/** The files of shared/data/candles by what they hold. */
const FILES = {
  binance: {
    BTCUSDC: 'binance_us BTC-USD USDC',
    BTCUSDT: 'binance_us BTC-USD USDT',
    USDCUSDT: 'binance_us USDC-USD USDT',
  },
  kraken: {
    XBTUSD: 'kraken BTC-USD USD',
    XBTUSDC: 'kraken BTC-USD USDC',
    USDCUSD: 'kraken USDC-USD USD',
    USDTUSD: 'kraken USDT-USD USD',
  },
  csv: {
    binanceus_BTCUSD: 'binance_us BTC-USD USD',
    coinbase_BTCUSD: 'coinbase BTC-USD USD',
    coinbase_USDTUSD: 'coinbase USDT-USD USD',
  },
} as const

const MINUTE_MS = 60_000

/** Every minute of every file, quiet ones of archives filled in flat. Nothing of kx reads them. */
export function minutesOf(candles: string): HandCandles {
  const found = new Map<string, ReadonlyMap<number, HandCandle>>()
  const archives = join(candles, 'binance_us_archive')
  for (const [name, instrument] of Object.entries(FILES.binance)) {
    const zips = readdirSync(archives)
      .filter((file) => file.startsWith(`${name}-1m-`))
      .sort()
    found.set(
      instrument,
      readRows(zips.map((zip) => unzip(join(archives, zip))).join(''), { ms: 1, quote: 7, trades: 8 }),
    )
  }
  for (const [name, instrument] of Object.entries(FILES.kraken)) {
    const text = readFileSync(join(candles, 'kraken_ohlcvt', `${name}_1.csv`), 'utf8')
    found.set(instrument, filled(readRows(text, { ms: 1000, quote: undefined, trades: 6 })))
  }
  for (const [name, instrument] of Object.entries(FILES.csv)) {
    const text = readFileSync(join(candles, 'generic_csv', `${name}.csv`), 'utf8')
    const rows = text.slice(text.indexOf('\n') + 1)
    found.set(instrument, readRows(rows, { ms: 1, quote: undefined, trades: undefined }))
  }
  return found
}

/** Candles of `minutes` out of smaller ones, sums added in the order of time. */
export function wider(candles: HandCandles, minutes: number): HandCandles {
  return new Map(
    [...candles].map(([instrument, byStart]) => [instrument, widened(byStart, minutes * MINUTE_MS)]),
  )
}

interface Columns {
  /** Of one unit of the time column. */
  readonly ms: number
  readonly quote: number | undefined
  readonly trades: number | undefined
}

function readRows(text: string, { ms, quote, trades }: Columns): Map<number, HandCandle> {
  const rows = new Map<number, HandCandle>()
  for (const line of text.trim().split('\n')) {
    const cells = line.trim().split(',').map(Number)
    const [time = Number.NaN, open = 0, high = 0, low = 0, close = 0, volume = 0] = cells
    // Without volume nothing was traded, whatever the file leaves out.
    const known = (at: number | undefined) =>
      volume === 0 ? 0 : at === undefined ? null : (cells[at] ?? null)
    const candle = {
      open,
      high,
      low,
      close,
      volume,
      quoteVolume: known(quote),
      trades: known(trades),
      minutes: 1,
    }
    rows.set(time * ms, candle)
  }
  return rows
}

function filled(rows: ReadonlyMap<number, HandCandle>): Map<number, HandCandle> {
  const all = new Map<number, HandCandle>()
  let last: { ms: number; close: number } | undefined
  for (const [ms, candle] of rows) {
    for (let quiet = (last?.ms ?? ms) + MINUTE_MS; last !== undefined && quiet < ms; quiet += MINUTE_MS) {
      const { close } = last
      const flat = {
        open: close,
        high: close,
        low: close,
        close,
        volume: 0,
        quoteVolume: 0,
        trades: 0,
        minutes: 1,
      }
      all.set(quiet, flat)
    }
    all.set(ms, candle)
    last = { ms, close: candle.close }
  }
  return all
}

function widened(byStart: ReadonlyMap<number, HandCandle>, widthMs: number): Map<number, HandCandle> {
  const wide = new Map<number, HandCandle>()
  for (const [ms, candle] of byStart) {
    const start = Math.floor(ms / widthMs) * widthMs
    const before = wide.get(start)
    wide.set(start, before === undefined ? candle : joined(before, candle))
  }
  return wide
}

function joined(before: HandCandle, after: HandCandle): HandCandle {
  const sum = (a: number | null, b: number | null) => (a === null || b === null ? null : a + b)
  return {
    open: before.open,
    high: Math.max(before.high, after.high),
    low: Math.min(before.low, after.low),
    close: after.close,
    volume: before.volume + after.volume,
    quoteVolume: sum(before.quoteVolume, after.quoteVolume),
    trades: sum(before.trades, after.trades),
    minutes: before.minutes + after.minutes,
  }
}

/** The text of a zip's only member: central directory at its end, one local header before the bytes. */
function unzip(path: string): string {
  const zip = readFileSync(path)
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  const entry = zip.readUInt32LE(end + 16)
  const [method, size] = [zip.readUInt16LE(entry + 10), zip.readUInt32LE(entry + 20)]
  const header = zip.readUInt32LE(entry + 42)
  const from = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28)
  const bytes = zip.subarray(from, from + size)
  return (method === 0 ? bytes : inflateRawSync(bytes)).toString('utf8')
}
