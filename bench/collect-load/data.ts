import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Instrument } from '../../src/base/index.ts'
import { candleLine, tickLine } from '../../src/collector/delivery/index.ts'
import type { SyncedPart } from '../../src/collector/landing/index.ts'
import type { LandingLine, Origin } from '../../src/collector/record/index.ts'
import { anInstrument } from '../../src/testing/source-tables.ts'

const HOUR_MS = Date.UTC(2024, 4, 1, 13)
const MINUTE_MS = 60_000

/** What one hour brought: candles of 60 instruments, or ticks of one exchange. */
export type Records = 'candles' | 'ticks'

/** The bench's instruments: 30 on each of two exchanges. */
export const instruments: readonly Instrument[] = Array.from({ length: 60 }, (_, i) =>
  i < 30
    ? anInstrument({ nativeSymbol: `K${i}/USD`, symbol: `K${i}-USD`, aliases: [] })
    : anInstrument({
        exchange: 'binance_us',
        nativeSymbol: `B${i}USDT`,
        symbol: `B${i}-USD`,
        quoteAsset: 'USDT',
        aliases: [],
      }),
)

/** Writes an hour of `lines` lines as sealed parts below `directory`. */
export function writeHour(directory: string, records: Records, lines: number): SyncedPart[] {
  const textsByFolder = new Map<string, string[]>()
  for (let n = 0; n < lines; n++) {
    const { folder, text } = lineOf(records, n, HOUR_MS + Math.floor((n / lines) * 3_600_000))
    const texts = textsByFolder.get(folder)
    if (texts) texts.push(text)
    else textsByFolder.set(folder, [text])
  }
  return Array.from(textsByFolder, ([folder, texts]) => {
    const path = `${folder}/part-c1-b1-0-0.jsonl`
    const content = `${texts.join('\n')}\n`
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), content)
    return { path, bytes: Buffer.byteLength(content), isSealed: true }
  })
}

/** The `n`th line that came in, at `atMs`. */
export function lineOf(records: Records, n: number, atMs: number): LandingLine {
  const instrument = instruments[n % instruments.length] ?? anInstrument()
  const origin: Origin = {
    exchange: records === 'ticks' ? 'binance_us' : instrument.exchange,
    feedId: `c1-b1-0-${instrument.exchange}-1`,
    sequence: n,
    receivedAtMs: atMs,
    monotonicNs: BigInt(n) * 1_000_000n,
  }
  const price = (100 + (n % 977) / 100).toFixed(2)
  return records === 'ticks' ? tick(origin, instrument, price) : candle(origin, instrument, price)
}

function candle(origin: Origin, instrument: Instrument, price: string): LandingLine {
  const startMs = Math.floor(origin.receivedAtMs / MINUTE_MS) * MINUTE_MS
  const prices = {
    open: '100.11',
    high: '109.93',
    low: '100.02',
    close: price,
    volume: '12.34500000',
    quoteVolume: '1234.56000000',
    vwap: undefined,
    tradeCount: '87',
  }
  return candleLine({
    origin,
    row: 0,
    channel: 'kline_1m',
    source: 'ws',
    isFinal: false,
    proof: null,
    instrument,
    candle: {
      startMs,
      intervalMs: MINUTE_MS,
      close: Number(price),
      isFinal: false,
      nativeSymbol: instrument.nativeSymbol,
      prices,
      eventAt: new Date(origin.receivedAtMs - 20).toISOString(),
      raw: `{"e":"kline","E":${origin.receivedAtMs},"s":"${instrument.nativeSymbol}","k":{"t":${startMs},"T":${startMs + 59_999},"s":"${instrument.nativeSymbol}","i":"1m","f":439572,"L":439585,"o":"100.11","c":"${price}","h":"109.93","l":"100.02","v":"12.34500000","n":87,"x":false,"q":"1234.56000000","V":"0","Q":"0","B":"0"}}`,
    },
  })
}

function tick(origin: Origin, instrument: Instrument, price: string): LandingLine {
  const { nativeSymbol, symbol } = instrument
  return tickLine({
    origin,
    row: origin.sequence % 3,
    instrument,
    tick: {
      nativeSymbol,
      unifiedSymbol: symbol.replace('-', '/'),
      price,
      bid: '100.10',
      ask: '100.12',
      last: price,
      open: '99.50',
      high: '110.00',
      low: '98.00',
      baseVolume: '123456.78900000',
      quoteVolume: '12345678.90000000',
      exchangeAt: new Date(origin.receivedAtMs - 30).toISOString(),
      isSampled: false,
      raw: `{"e":"24hrTicker","E":${origin.receivedAtMs},"s":"${nativeSymbol}","p":"0.10","P":"0.10","w":"100.05","x":"100.00","c":"${price}","Q":"0.5","b":"100.10","B":"3.2","a":"100.12","A":"4.1","o":"99.50","h":"110.00","l":"98.00","v":"123456.78900000","q":"12345678.90000000","O":0,"C":86400000,"F":1,"L":999,"n":999}`,
    },
  })
}
