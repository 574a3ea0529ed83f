import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FeedEvent, type FeedUptime, newFeedEvent, newFeedUptime } from './feed-lines.ts'
import { type FileFormat, recognise } from './recognise.ts'
import { newTick, type Tick } from './tick.ts'

const TICK = {
  v: 1,
  feed_id: 'c1-b1-0-kraken-1',
  sequence: 7,
  row: 2,
  received_at: '2024-05-01T13:00:00.214Z',
  monotonic_ns: '1',
  channel: 'ticks',
  proof: null,
  fields: {
    native_symbol: 'ETHUSDT',
    symbol: 'ETH-USD',
    quote_asset: 'USDT',
    price: '3000.25',
    bid: '-1.5',
    ask: null,
    last: '3000.25',
    open: null,
    high: null,
    low: null,
    base_volume: '0',
    quote_volume: null,
    exchange_at: '2024-05-01T13:00:00.123456Z',
    sampled: true,
  },
  raw: '{"s":"ETHUSDT"}',
}
const EVENT = {
  ...TICK,
  sequence: null,
  row: null,
  channel: 'connection_events',
  fields: {
    symbol: null,
    event: 'disconnected',
    event_at: '2024-05-01T13:00:00.5Z',
    attempt: 3,
    cause: 'a "quoted" cause',
    details: { code: 1006, names: ['a'] },
  },
  raw: '',
}
const UPTIME = {
  ...EVENT,
  channel: 'feed_uptime',
  fields: {
    channel: 'ohlc',
    symbol: 'BTC-USD',
    up_from: '2024-05-01T13:00:00Z',
    up_to: '2024-05-01T13:00:10Z',
    cause: null,
  },
}

function formatOf(text: string, channel: string): FileFormat {
  const format = recognise(Buffer.from(`${text}\n`), `exchange=kraken/channel=${channel}/p.jsonl`, undefined)
  if ('reason' in format) throw new Error(format.reason)
  return format
}

/** The record of a line, or why it is bad. */
function read(line: object | string, channel: string): Tick | FeedEvent | FeedUptime | string {
  const text = typeof line === 'string' ? line : JSON.stringify(line)
  const format = formatOf(text, channel)
  const bytes = Buffer.from(text)
  const into = <Row>(
    parse: (bytes: Uint8Array, from: number, to: number, row: Row) => string | undefined,
    row: Row,
  ) => parse(bytes, 0, bytes.length, row) ?? row
  switch (format.kind) {
    case 'ticks':
      return into(format.parse, newTick())
    case 'connection_events':
      return into(format.parse, newFeedEvent())
    case 'feed_uptime':
      return into(format.parse, newFeedUptime())
    case 'candles':
      throw new Error('a candle')
  }
}

test('a tick reads with what it has, and NaN for what it has not', () => {
  expect(read(TICK, 'ticks')).toEqual({
    exchange: 'kraken',
    nativeSymbol: 'ETHUSDT',
    symbol: 'ETH-USD',
    quoteAsset: 'USDT',
    price: 3000.25,
    bid: -1.5,
    ask: Number.NaN,
    last: 3000.25,
    open: Number.NaN,
    high: Number.NaN,
    low: Number.NaN,
    baseVolume: 0,
    quoteVolume: Number.NaN,
    exchangeAtUs: 1_714_568_400_123_456,
    receivedAtUs: 1_714_568_400_214_000,
    feedId: 'c1-b1-0-kraken-1',
    sequence: 7,
    row: 2,
    isSampled: true,
  })
})

test('an event and a stretch of uptime read as they were landed', () => {
  expect(read(EVENT, 'connection_events')).toEqual({
    exchange: 'kraken',
    feedId: 'c1-b1-0-kraken-1',
    symbol: undefined,
    event: 'disconnected',
    atUs: 1_714_568_400_500_000,
    attempt: 3,
    cause: 'a "quoted" cause',
    details: '{"code":1006,"names":["a"]}',
  })
  expect(read(UPTIME, 'feed_uptime')).toMatchObject({
    channel: 'ohlc',
    symbol: 'BTC-USD',
    fromUs: 1_714_568_400_000_000,
    toUs: 1_714_568_410_000_000,
    cause: undefined,
  })
})

const withFields = <Line extends { fields: object }>(line: Line, fields: object) => ({
  ...line,
  fields: { ...line.fields, ...fields },
})

test.each([
  ['ticks', { ...TICK, feed_id: '' }, 'no feed_id'],
  ['ticks', { ...TICK, sequence: null }, 'sequence or row is not a whole number of 0 or more'],
  ['ticks', { ...TICK, received_at: 'soon' }, 'received_at is not a time'],
  ['ticks', { ...TICK, received_at: 1e300 }, 'received_at is not a time'],
  ['ticks', withFields(TICK, { native_symbol: null }), 'no native_symbol'],
  ['ticks', withFields(TICK, { ask: 'much' }), 'ask is not a number'],
  ['ticks', { ...TICK, v: 2 }, 'not a landing record of version 1'],
  ['connection_events', withFields(EVENT, { event: '' }), 'no event'],
  ['connection_events', withFields(EVENT, { event_at: 5 }), 'event_at is not a time'],
  ['feed_uptime', withFields(UPTIME, { channel: 1 }), 'no channel'],
  [
    'feed_uptime',
    withFields(UPTIME, { up_to: '2024-05-01T12:00:00Z' }),
    'up_to is not a time at or after up_from',
  ],
])('a line of %s that cannot be one is bad (%#)', (channel, line, reason) => {
  expect(read(line, channel)).toBe(reason)
})

const DEEP = '['.repeat(100_000) + ']'.repeat(100_000)

describe('what Postgres could not store never reaches it', () => {
  test('signs that no text holds are taken out of events, what lies too deep is left out', () => {
    const line = withFields(EVENT, { cause: 'a\0b\ud800', details: { 'k\0': 'x\udc00y', deep: 'deep' } })
    const text = JSON.stringify(line).replace('"deep"}', `${DEEP}}`)

    const event = read(text, 'connection_events')

    expect(event).toMatchObject({ cause: 'ab' })
    const details = JSON.parse((event as FeedEvent).details ?? '')
    expect(details).toMatchObject({ k: 'xy' })
    expect(JSON.stringify(details).length).toBeLessThan(200)
  })

  test('a list where a number should be is none, however deep it is', () => {
    const text = JSON.stringify(TICK).replace('"price":"3000.25"', `"price":${DEEP}`)

    expect(read(text, 'ticks')).toMatchObject({ price: Number.NaN, last: 3000.25 })
  })

  test('a control character in a name makes the line bad', () => {
    const raw = JSON.stringify(TICK).replace('ETHUSDT', 'ETH\0USDT')

    expect(read(raw, 'ticks')).toBe('not JSON')
  })
})

describe('ticks, however they are written', () => {
  const decimal = fc.option(fc.integer({ min: -1e9, max: 1e9 }).map((value) => (value / 1000).toFixed(3)))
  const ticks = fc
    .record({ price: decimal, bid: decimal, open: decimal, base_volume: decimal, sampled: fc.boolean() })
    .map((fields) => withFields(TICK, fields))

  test('a line reads the same', () => {
    fc.assert(
      fc.property(ticks, ({ raw, ...rest }) => {
        const compact = read({ ...rest, raw }, 'ticks')

        expect(compact).not.toBeTypeOf('string')
        expect(read(JSON.stringify({ ...rest, raw }, null, 1).replaceAll('\n', ' '), 'ticks')).toEqual(
          compact,
        )
        expect(read({ raw, extra: { a: [1] }, ...rest }, 'ticks')).toEqual(compact)
      }),
    )
  })

  test('a line that is cut anywhere is bad, never another tick', () => {
    fc.assert(
      fc.property(ticks, fc.nat(), (line, seed) => {
        const text = JSON.stringify(line)

        expect(read(text.slice(0, (seed % (text.length - 1)) + 1), 'ticks')).toBeTypeOf('string')
      }),
    )
  })
})

test.each([
  [TICK, 'ticks'],
  [EVENT, 'connection_events'],
  [UPTIME, 'feed_uptime'],
])('a part that was taken out of its folders is told by its lines (%#)', (line, kind) => {
  expect(recognise(Buffer.from(`${JSON.stringify(line)}\n`), 'part.jsonl', undefined)).toMatchObject({ kind })
})
