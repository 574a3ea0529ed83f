import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newCandle, type ParseLine } from '../formats/candle.ts'
import { eventLines, newFeedEvent, newFeedUptime, uptimeLines } from '../formats/feed-lines.ts'
import { type LandingPath, landingLines, parseLandingPath } from '../formats/landing.ts'
import { newTick, tickLines } from '../formats/tick.ts'
import type { CandleRow, LandingLine, Origin, TickRow } from '../record/index.ts'
import { candleLine, deadLetterLine, eventLine, tickLine, uptimeLine } from './lines.ts'

const startMs = Date.parse('2024-05-01T13:00:00Z')
const origin: Origin = {
  exchange: 'kraken',
  feedId: 'c1-b7-0-kraken-2',
  sequence: 4711,
  receivedAtMs: Date.parse('2024-05-01T13:01:00.214Z'),
  monotonicNs: 81230142000n,
}
const instrument = { symbol: 'BTC-USD', quoteAsset: 'USDT' }
const candle: CandleRow = {
  startMs,
  intervalMs: 60_000,
  close: 60111.9,
  isFinal: false,
  nativeSymbol: 'BTC/USDT',
  prices: {
    open: '60123.1',
    high: '60130.0',
    low: '60100.5',
    close: '60111.9',
    volume: '1.52000001',
    quoteVolume: undefined,
    vwap: '60112.4',
    tradeCount: '37',
  },
  eventAt: '2024-05-01T13:00:59.981Z',
  raw: '{"symbol":"BTC/USDT"}',
}
const record = { origin, row: 0, channel: 'ohlc', source: 'ws', instrument } as const
const hour = 'year=2024/month=05/day=01/hour=13'

/** Whether the loader's scan takes it: with a raw that is no JSON any more, nothing else does. */
function scans({ folder, text }: LandingLine): boolean {
  const path = parseLandingPath(`${folder}/part.jsonl`)
  const broken = `${text.slice(0, text.indexOf('"raw":'))}"raw":"\\q"}`
  expect(() => JSON.parse(broken)).toThrow()
  const bytes = Buffer.from(broken)
  const fault = path.isCandles
    ? landingLines(path)(bytes, 0, bytes.length, newCandle())
    : tickLines(path)(bytes, 0, bytes.length, newTick())
  return fault === undefined
}

function readBack<Row>(
  { folder, text }: LandingLine,
  lines: (path: LandingPath) => ParseLine<Row>,
  row: Row,
): Row {
  const bytes = Buffer.from(text)
  const fault = lines(parseLandingPath(`${folder}/part.jsonl`))(bytes, 0, bytes.length, row)
  if (fault !== undefined) throw new Error(fault)
  return row
}

test('a candle is the line that docs/landing-format.md shows', () => {
  const { folder, text } = candleLine({ ...record, candle, isFinal: true, proof: 'sent' })

  expect(folder).toBe(`exchange=kraken/symbol=BTC-USD/interval_minutes=1/${hour}`)
  expect(text).toBe(
    '{"v":1,"feed_id":"c1-b7-0-kraken-2","sequence":4711,"row":0,"received_at":"2024-05-01T13:01:00.214Z",' +
      '"monotonic_ns":"81230142000","channel":"ohlc","proof":"sent","fields":{"native_symbol":"BTC/USDT",' +
      '"quote_asset":"USDT","interval_start":"2024-05-01T13:00:00.000Z","open":"60123.1","high":"60130.0",' +
      '"low":"60100.5","close":"60111.9","volume":"1.52000001","quote_volume":null,"vwap":"60112.4",' +
      '"trade_count":"37","is_final":true,"source":"ws","event_at":"2024-05-01T13:00:59.981Z"},' +
      '"raw":"{\\"symbol\\":\\"BTC/USDT\\"}"}',
  )
  expect(scans({ folder, text })).toBe(true)
})

test("a candle's hour is that of its start, whenever it came", () => {
  const last = { ...candle, startMs: startMs + 59 * 60_000 }
  const late = { ...origin, receivedAtMs: startMs + 3_600_000 + 1756 }

  expect(
    candleLine({ ...record, origin: late, candle: last, isFinal: true, proof: 'sent' }).folder,
  ).toContain(hour)
})

test('the loader reads every candle line the fast way, and reads back what was written', () => {
  const decimal = fc
    .tuple(fc.nat(), fc.nat())
    .map(([whole, part]) => `${whole}.${String(part).padStart(10, '0')}`)
  const rows = fc.record({
    minute: fc.integer({ min: 2.1e7, max: 2.9e7 }),
    price: decimal,
    volume: decimal,
    raw: fc.array(fc.integer({ min: 0, max: 0xffff })).map((codes) => String.fromCharCode(...codes)),
    isFinal: fc.boolean(),
    proof: fc.constantFrom('sent', 'silence', null),
  })
  fc.assert(
    fc.property(rows, ({ minute, price, volume, raw, isFinal, proof }) => {
      const prices = { ...candle.prices, open: price, high: price, low: price, close: price, volume }
      const row = { ...candle, startMs: minute * 60_000, prices, raw }
      const { folder, text } = candleLine({ ...record, candle: row, isFinal, proof })

      const bytes = Buffer.from(text)
      const read = newCandle()
      expect(scans({ folder, text })).toBe(true)
      expect(
        landingLines(parseLandingPath(`${folder}/part.jsonl`))(bytes, 0, bytes.length, read),
      ).toBeUndefined()
      expect(read).toMatchObject({
        exchange: 'kraken',
        nativeSymbol: 'BTC/USDT',
        symbol: 'BTC-USD',
        quoteAsset: 'USDT',
        startMs: minute * 60_000,
        open: Number(price),
        volume: Number(volume),
        isFinal,
        proof: proof ?? undefined,
        sequence: 4711,
      })
      expect(JSON.parse(text).raw).toBe(raw)
    }),
  )
})

test.each([
  ['BTC-USD', 'BTC-USD'],
  ['../../etc-USD', '..%2F..%2Fetc-USD'],
  ['Ä*-USD', '%C3%84%2A-USD'],
  ['BTC-USDT:USDT', 'BTC-USDT%3AUSDT'],
])('the symbol %s makes the folder %s', (symbol, folder) => {
  const line = candleLine({
    ...record,
    instrument: { symbol, quoteAsset: 'X' },
    candle,
    isFinal: false,
    proof: null,
  })

  expect(line.folder).toContain(`/symbol=${folder}/`)
  expect(scans(line)).toBe(true)
  expect(JSON.parse(line.text).fields.symbol).toBe(symbol === folder ? undefined : symbol)
})

test('a tick is in the folder of the hour it came in, its texts as they came', () => {
  const tick: TickRow = {
    nativeSymbol: 'BTCUSDT',
    unifiedSymbol: 'BTC/USDT',
    price: '270638277.50461281',
    bid: '1',
    ask: undefined,
    last: '270638277.50461281',
    open: undefined,
    high: undefined,
    low: undefined,
    baseVolume: '0',
    quoteVolume: undefined,
    exchangeAt: '2024-05-01T12:59:59.900Z',
    isSampled: true,
    raw: '{"c":"é"}',
  }
  const { folder, text } = tickLine({ origin, row: 3, tick, instrument })

  expect(folder).toBe(`exchange=kraken/channel=ticks/${hour}`)
  expect(scans({ folder, text })).toBe(true)
  expect(JSON.parse(text)).toEqual({
    v: 1,
    feed_id: origin.feedId,
    sequence: 4711,
    row: 3,
    received_at: '2024-05-01T13:01:00.214Z',
    monotonic_ns: '81230142000',
    channel: 'ticks',
    proof: null,
    fields: {
      native_symbol: 'BTCUSDT',
      symbol: 'BTC-USD',
      quote_asset: 'USDT',
      price: '270638277.50461281',
      bid: '1',
      ask: null,
      last: '270638277.50461281',
      open: null,
      high: null,
      low: null,
      base_volume: '0',
      quote_volume: null,
      exchange_at: '2024-05-01T12:59:59.900Z',
      sampled: true,
    },
    raw: '{"c":"é"}',
  })
})

test.each([
  ['2024-05-01T13:00:00.000Z', 0],
  ['2024-05-01T13:00:07.009Z', 7009],
  ['2024-05-01T13:01:59.999123Z', 119_999.123],
  ['2024-05-01T12:59:59.050Z', -950],
])('a time is written as %s', (text, afterMs) => {
  const { text: line } = deadLetterLine({
    origin: { ...origin, receivedAtMs: startMs + afterMs },
    channel: 'ohlc',
    reason: '',
    frame: '',
  })

  expect(JSON.parse(line).received_at).toBe(text)
})

test('an event and a stretch of uptime lie in the hour in which they were', () => {
  const event = eventLine(origin, {
    symbol: undefined,
    event: 'disconnected',
    atMs: startMs - 1,
    attempt: 2,
    cause: 'silent',
    details: { code: 1006, reason: 'a "word"' },
  })
  const uptime = uptimeLine(origin, {
    channel: 'ohlc',
    symbol: 'BTC-USD',
    fromMs: startMs,
    toMs: startMs + 10_000,
    cause: undefined,
  })

  expect(readBack(event, eventLines, newFeedEvent())).toMatchObject({
    event: 'disconnected',
    cause: 'silent',
  })
  expect(readBack(uptime, uptimeLines, newFeedUptime())).toMatchObject({ channel: 'ohlc', symbol: 'BTC-USD' })
  expect(event.folder).toBe('exchange=kraken/channel=connection_events/year=2024/month=05/day=01/hour=12')
  expect(JSON.parse(event.text)).toMatchObject({
    sequence: null,
    channel: 'connection_events',
    fields: {
      symbol: null,
      event: 'disconnected',
      event_at: '2024-05-01T12:59:59.999Z',
      attempt: 2,
      cause: 'silent',
      details: { code: 1006, reason: 'a "word"' },
    },
  })
  expect(uptime.folder).toBe(`exchange=kraken/channel=feed_uptime/${hour}`)
  expect(JSON.parse(uptime.text).fields).toEqual({
    channel: 'ohlc',
    symbol: 'BTC-USD',
    up_from: '2024-05-01T13:00:00.000Z',
    up_to: '2024-05-01T13:00:10.000Z',
    cause: null,
  })
})

test('a dead letter keeps its frame whole, in one line', () => {
  const frame = '{"x":true,\n"broken": \u0000 "\ud800'
  const { folder, text } = deadLetterLine({ origin, channel: 'ohlc', reason: 'not JSON', frame })

  expect(folder).toBe(`dead-letters/exchange=kraken/${hour}`)
  expect(text).not.toContain('\n')
  expect(JSON.parse(text)).toEqual({
    v: 1,
    exchange: 'kraken',
    feed_id: origin.feedId,
    sequence: 4711,
    received_at: '2024-05-01T13:01:00.214Z',
    monotonic_ns: '81230142000',
    channel: 'ohlc',
    reason: 'not JSON',
    frame,
  })
})
