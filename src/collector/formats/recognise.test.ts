import { describe, expect, test } from 'vitest'
import { newCandle } from './candle.ts'
import { type FileFormat, type FormatName, recognise, type Unrecognised } from './recognise.ts'

const BINANCE =
  '1678449600000,19772.53,19776.64,19772.52,19776.64,1.22088,1678449659999,24139.99,13,0.17,3378.8,0'
const BINANCE_US = BINANCE.replace('1678449600000', '1738368000000000').replace(
  '1678449659999',
  '1738368059999999',
)
const KRAKEN = '1678449600,19759.94,19771.11,19759.94,19771.11,0.0032289800000000002,2'
const CSV = 'open_time_ms,open,high,low,close,volume\n1678449600000,1,2,0.5,1.5,10'
const LANDING = JSON.stringify({
  v: 1,
  feed_id: 'f',
  sequence: 7,
  row: 0,
  received_at: '2023-03-10T12:01:00.5Z',
  monotonic_ns: '1',
  channel: 'ohlc',
  proof: 'sent',
  fields: {
    native_symbol: 'BTC/USD',
    interval_start: '2023-03-10T12:00:00Z',
    open: '1',
    high: '2',
    low: '0.5',
    close: '1.5',
    volume: '10',
    vwap: '1.2',
    trade_count: '3',
    is_final: true,
    source: 'ws',
  },
  raw: '{"a":"b"}',
})

function told(text: string, name: string, forced?: FormatName): FileFormat | Unrecognised {
  return recognise(new TextEncoder().encode(text), name, forced)
}

function format(text: string, name: string): FileFormat {
  const known = told(text, name)
  if ('reason' in known) throw new Error(known.reason)
  return known
}

function candles(text: string, name: string) {
  const known = format(text, name)
  if (known.kind !== 'candles') throw new Error(`${name} holds ${known.kind}`)
  return known
}

function firstCandle(text: string, name: string) {
  const bytes = new TextEncoder().encode(text)
  const { parse, dataOffset } = candles(text, name)
  const end = bytes.indexOf(10, dataOffset)
  const candle = newCandle()
  expect(parse(bytes, dataOffset, end < 0 ? bytes.length : end, candle)).toBeUndefined()
  return candle
}

describe('a file is told by its content and name', () => {
  test.each([
    [BINANCE, 'a/BTCUSDC-1m-2023-03-10.csv', { name: 'binance', nativeSymbol: 'BTCUSDC', dataOffset: 0 }],
    [
      `open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n${BINANCE}`,
      'BTCUSDC-1m-2023-03.csv',
      { name: 'binance', dataLine: 2 },
    ],
    [KRAKEN, 'XBTUSDC_1.csv', { name: 'kraken', nativeSymbol: 'XBTUSDC', intervalMs: 60_000 }],
    [KRAKEN, 'XBTUSDC_15.csv', { name: 'kraken', intervalMs: 900_000 }],
    [`garbage\n${KRAKEN}`, 'XBTUSDC_1.csv', { name: 'kraken', dataOffset: 0 }],
    [CSV, 'x.csv', { name: 'csv', dataOffset: 40, dataLine: 2, firstLine: '1678449600000,1,2,0.5,1.5,10' }],
    [`\ufeff${CSV}`, 'x.csv', { name: 'csv', dataOffset: 43 }],
    [`Timestamp;Open;High;Low;Close;Volume\n`, 'x.csv', { name: 'csv' }],
    ['ts,o,h,l,c,v\n', 'x.csv', { name: 'csv', dataOffset: 13 }],
    [LANDING, 'exchange=kraken/symbol=BTC-USD/part.jsonl', { name: 'landing', isGrowing: true }],
    [`{"torn\n${LANDING}`, 'part.jsonl', { name: 'landing' }],
  ])('%#', (text, name, expected) => {
    expect(format(text, name)).toMatchObject(expected)
  })

  test.each([
    ['hello', 'a.txt', 'not a candle file: neither landing JSONL nor CSV of candles'],
    ['1,2,3', 'a.csv', 'not a candle file: neither landing JSONL nor CSV of candles'],
    ['\u0000\u0001', 'a.bin', 'not a text file'],
    ['{"a":1}\n{"a":2}\n', 'ticks.jsonl', 'JSON lines, but no records of kx'],
    [`${LANDING}\n`, 'exchange=kraken/channel=ticker/part.jsonl', 'channel ticker is not one that kx loads'],
    [`${LANDING}\n`, 'dead-letters/exchange=kraken/part.jsonl', 'dead letters are no data'],
    [LANDING, 'exchange=kraken/symbol=BTC-USD/interval_minutes=1/part.jsonl', 'no whole line yet'],
    [KRAKEN, 'XBTUSD_7.csv', 'candles of 7 minutes, which do not divide a day'],
  ])('%j in %s is not', (text, name, reason) => {
    expect(told(text, name)).toMatchObject({ reason })
  })

  test('UTF-16 is named, not misread', () => {
    expect(recognise(Uint8Array.of(0xff, 0xfe, 0x31, 0), 'a.csv', undefined)).toMatchObject({
      reason: 'written in UTF-16; save it as UTF-8',
    })
  })
})

describe('a line becomes a candle', () => {
  test('of Binance, with its vwap from quote volume', () => {
    expect(firstCandle(BINANCE, 'BTCUSDC-1m-2023-03-10.csv')).toMatchObject({
      startMs: 1_678_449_600_000,
      intervalMs: 60_000,
      open: 19772.53,
      close: 19776.64,
      tradeCount: 13,
      vwap: 24139.99 / 1.22088,
    })
  })

  test('of Binance since 2025, in µs', () => {
    expect(firstCandle(BINANCE_US, 'BTCUSDC-1m-2025-02-01.csv')).toMatchObject({
      startMs: 1_738_368_000_000,
      intervalMs: 60_000,
    })
  })

  test('of Kraken, whose quote volume nobody knows', () => {
    expect(firstCandle(KRAKEN, 'XBTUSDC_1.csv')).toMatchObject({
      startMs: 1_678_449_600_000,
      volume: 0.0032289800000000002,
      tradeCount: 2,
      quoteVolume: Number.NaN,
      vwap: Number.NaN,
    })
  })

  test('of a generic CSV, without a trade count', () => {
    expect(firstCandle(CSV, 'x.csv')).toMatchObject({
      open: 1,
      high: 2,
      low: 0.5,
      close: 1.5,
      volume: 10,
      tradeCount: Number.NaN,
    })
  })

  test.each([
    ['3.0', 3],
    ['', Number.NaN],
    ['1.5', 'trade_count is not a whole number'],
    ['1e300', 'trade_count is not a whole number'],
  ])('of a generic CSV with %j trades', (text, expected) => {
    const csv = `time,open,high,low,close,volume,trades\n1678449600000,1,2,0.5,1.5,10,${text}`
    const bytes = new TextEncoder().encode(csv)
    const { parse, dataOffset } = candles(csv, 'x.csv')
    const candle = newCandle()

    expect(parse(bytes, dataOffset, bytes.length, candle) ?? candle.tradeCount).toEqual(expected)
  })

  test('of landing, with the finality it was landed with', () => {
    expect(firstCandle(LANDING, 'exchange=kraken/symbol=BTC-USD/part.jsonl')).toMatchObject({
      exchange: 'kraken',
      nativeSymbol: 'BTC/USD',
      symbol: 'BTC-USD',
      isFinal: true,
      proof: 'sent',
      source: 'ws',
      sequence: 7,
      row: 0,
      receivedAtUs: 1_678_449_660_500_000,
      vwap: 1.2,
      tradeCount: 3,
    })
  })

  test.each([
    [KRAKEN.replace('1678449600', '1678449601'), 'the time is not at the start of an interval of 60 s'],
    [KRAKEN.replace('19771.11', 'x'), 'high is not a number of 0 or more'],
    [KRAKEN.replace('19759.94', '-1'), 'open is not a number of 0 or more'],
    [`${KRAKEN},1`, "more than 7 columns where Kraken's archive has 7"],
    ['1678449600,1,1', "3 columns where Kraken's archive has 7"],
  ])('%s is bad', (line, reason) => {
    const bytes = new TextEncoder().encode(line)

    expect(candles(KRAKEN, 'XBTUSDC_1.csv').parse(bytes, 0, bytes.length, newCandle())).toBe(reason)
  })

  test.each([
    ['{', 'not JSON'],
    [LANDING.slice(0, -4), 'not JSON'],
    [LANDING.replace('"v":1', '"v":2'), 'not a landing record of version 1'],
    [LANDING.replace('"open":"1"', '"open":""'), 'open is not a number of 0 or more'],
    [LANDING.replace('"native_symbol":"BTC/USD",', ''), 'no native_symbol'],
  ])('landing line %#: bad', (line, reason) => {
    const bytes = new TextEncoder().encode(line)

    expect(candles(LANDING, 'exchange=kraken/p.jsonl').parse(bytes, 0, bytes.length, newCandle())).toBe(
      reason,
    )
  })
})
