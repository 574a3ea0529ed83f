import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'

/** What the bench writes: months of one-minute candles, one zip a symbol and month, or landing hours. */
export interface BenchData {
  readonly directory: string
  readonly symbols: number
  readonly days: number
}

const START_MS = Date.UTC(2024, 0, 1)
const MINUTES = 1440

/** Writes Binance's monthly zips, one a symbol; gives back how many rows they hold. */
export function writeArchives({ directory, symbols, days }: BenchData): number {
  mkdirSync(directory, { recursive: true })
  for (let symbol = 0; symbol < symbols; symbol++) {
    const name = `${nameOf(symbol)}-1m-2024-01`
    const lines: string[] = []
    for (const candle of candles(symbol, days)) lines.push(archiveLine(candle))
    writeFileSync(join(directory, `${name}.zip`), zipOf(`${name}.csv`, Buffer.from(lines.join(''))))
  }
  return symbols * days * MINUTES
}

/** Writes landing parts, one a symbol and hour. */
export function writeLanding({ directory, symbols, days }: BenchData): number {
  for (let symbol = 0; symbol < symbols; symbol++) {
    let path = ''
    let lines: string[] = []
    let sequence = 0
    const flush = () => {
      if (path === '') return
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, lines.join(''))
      // Parts of hours long past, as they are when many are loaded: young ones are synced first.
      utimesSync(path, START_MS / 1000, START_MS / 1000)
      lines = []
    }
    for (const candle of candles(symbol, days)) {
      const next = join(directory, landingPath(symbol, candle.startMs))
      if (next !== path) flush()
      path = next
      lines.push(landingLine(symbol, candle, sequence++))
    }
    flush()
  }
  return symbols * days * MINUTES
}

interface BenchCandle {
  readonly startMs: number
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
  readonly quoteVolume: string
  readonly trades: number
}

function* candles(symbol: number, days: number): Generator<BenchCandle> {
  const random = generator(symbol + 1)
  let price = 10 + random() * 40_000
  for (let minute = 0; minute < days * MINUTES; minute++) {
    const open = price
    price *= 1 + (random() - 0.5) / 500
    const [high, low] = [Math.max(open, price) * 1.0003, Math.min(open, price) * 0.9997]
    const volume = random() * 10
    yield {
      startMs: START_MS + minute * 60_000,
      open: open.toFixed(2),
      high: high.toFixed(2),
      low: low.toFixed(2),
      close: price.toFixed(2),
      volume: volume.toFixed(5),
      quoteVolume: (volume * price).toFixed(8),
      trades: 1 + Math.floor(random() * 200),
    }
  }
}

function archiveLine(c: BenchCandle): string {
  const taker = `${(Number(c.volume) / 2).toFixed(5)},${(Number(c.quoteVolume) / 2).toFixed(8)}`
  return `${c.startMs},${c.open},${c.high},${c.low},${c.close},${c.volume},${c.startMs + 59_999},${c.quoteVolume},${c.trades},${taker},0\n`
}

function landingLine(symbol: number, c: BenchCandle, sequence: number): string {
  const raw = `{"e":"kline","E":${c.startMs + 61_756},"s":"${nameOf(symbol)}","k":{"t":${c.startMs},"T":${c.startMs + 59_999},"s":"${nameOf(symbol)}","i":"1m","f":439572,"L":439585,"o":"${c.open}","c":"${c.close}","h":"${c.high}","l":"${c.low}","v":"${c.volume}","n":${c.trades},"x":true,"q":"${c.quoteVolume}","V":"0","Q":"0","B":"0"}}`
  return `${JSON.stringify({
    v: 1,
    feed_id: 'c1-b1-w0-binance_us-0',
    sequence,
    row: 0,
    received_at: new Date(c.startMs + 61_800).toISOString(),
    monotonic_ns: String(c.startMs * 1000),
    channel: 'kline_1m',
    proof: 'sent',
    fields: {
      native_symbol: nameOf(symbol),
      interval_start: new Date(c.startMs).toISOString(),
      open: c.open,
      high: c.high,
      low: c.low,
      close: c.close,
      volume: c.volume,
      quote_volume: c.quoteVolume,
      trade_count: String(c.trades),
      is_final: true,
      source: 'ws',
      event_at: new Date(c.startMs + 61_756).toISOString(),
    },
    raw,
  })}\n`
}

function landingPath(symbol: number, startMs: number): string {
  const [date = '', time = ''] = new Date(startMs).toISOString().split('T')
  const [year, month, day] = date.split('-')
  const folders = `symbol=${nameOf(symbol).replace('USDT', '-USD')}/interval_minutes=1/year=${year}/month=${month}/day=${day}`
  return `exchange=binance_us/${folders}/hour=${time.slice(0, 2)}/part-c1-b1-0-${Math.floor(startMs / 3_600_000)}.jsonl`
}

/** `C00USDT`, `C01USDT`, …: the native symbol of the bench's instruments. */
export function nameOf(symbol: number): string {
  return `C${String(symbol).padStart(2, '0')}USDT`
}

/** A small random generator (mulberry32): the same rows in every run. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A zip with one deflated member. @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT 4.3 */
function zipOf(name: string, content: Buffer): Buffer {
  const data = deflateRawSync(content)
  const common = Buffer.alloc(26)
  common.writeUInt16LE(20, 0)
  common.writeUInt16LE(8, 4)
  common.writeUInt32LE(crc32(content), 10)
  common.writeUInt32LE(data.length, 14)
  common.writeUInt32LE(content.length, 18)
  common.writeUInt16LE(name.length, 22)
  const local = Buffer.concat([Buffer.from('504b0304', 'hex'), common, Buffer.from(name), data])
  const central = Buffer.concat([
    Buffer.from('504b01021400', 'hex'),
    common,
    Buffer.alloc(14),
    Buffer.from(name),
  ])
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(local.length, 16)
  return Buffer.concat([local, central, end])
}
