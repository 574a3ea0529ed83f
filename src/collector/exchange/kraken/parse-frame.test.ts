import { describe, expect, test } from 'vitest'
import { aKrakenFrame, FRAMES_START_MS } from '../../../testing/frames.ts'
import { krakenMapper } from './kraken-mapper.ts'

const { parse } = krakenMapper

function rowsOf(frame: string) {
  const parsed = parse(frame)
  return parsed.kind === 'candles' ? parsed.rows : []
}

test('a row keeps the digits that a double would lose, whatever order and blanks it is written in', () => {
  const frame =
    '{ "data" : [ {"vwap":85754.70000000000000001 , "note":"}]\\"{", "volume": 270638277.50461281,' +
    '"interval":1,"trades":5,"close":8.57547e4,"low":85754.7,"high":85754.80,"open":85754.8,' +
    '"interval_begin":"2026-10-06T18:06:00.000000000Z","symbol":"BTC/USD"} ],' +
    '"timestamp":"2026-10-06T18:06:02.264627814Z","type":"update","channel":"ohlc"}'

  expect(rowsOf(frame)).toEqual([
    {
      nativeSymbol: 'BTC/USD',
      startMs: Date.parse('2026-10-06T18:06:00Z'),
      intervalMs: 60_000,
      close: 85754.7,
      isFinal: false,
      prices: {
        open: '85754.8',
        high: '85754.80',
        low: '85754.7',
        close: '8.57547e4',
        volume: '270638277.50461281',
        quoteVolume: undefined,
        vwap: '85754.70000000000000001',
        tradeCount: '5',
      },
      eventAt: '2026-10-06T18:06:02.264627Z',
      raw: frame.slice(frame.indexOf('[') + 2, frame.indexOf(' ],')),
    },
  ])
})

test('a snapshot gives each row its own numbers and its own text', () => {
  const parsed = parse(
    aKrakenFrame(
      [
        { minute: 1, close: '85754.71' },
        { minute: 2, close: '85754.72', symbol: 'ETH/USD' },
      ],
      {
        type: 'snapshot',
      },
    ),
  )

  expect(parsed).toMatchObject({ kind: 'candles', isSnapshot: true })
  const rows = parsed.kind === 'candles' ? parsed.rows : []
  expect(rows.map(({ nativeSymbol, startMs, prices }) => [nativeSymbol, startMs, prices.close])).toEqual([
    ['BTC/USD', FRAMES_START_MS + 60_000, '85754.71'],
    ['ETH/USD', FRAMES_START_MS + 120_000, '85754.72'],
  ])
  expect(rows.map(({ raw }) => JSON.parse(raw).close)).toEqual([85754.71, 85754.72])
})

describe('what is no candle', () => {
  test.each([
    ['{"channel":"heartbeat"}', { kind: 'heartbeat' }],
    [
      '{"method":"pong","req_id":42,"time_in":"2026-10-06T18:06:01.981684Z","time_out":"2026-10-06T18:06:01.981723Z"}',
      { kind: 'heartbeat', serverMs: Date.parse('2026-10-06T18:06:01.981Z') },
    ],
    ['{"method":"pong"}', { kind: 'heartbeat' }],
    [
      '{"channel":"status","type":"update","data":[{"version":"2.0.10","system":"maintenance","api_version":"v2","connection_id":16174536464690282295}]}',
      { kind: 'status', status: 'maintenance' },
    ],
    [
      '{"method":"subscribe","result":{"channel":"ohlc","interval":1,"snapshot":true,"symbol":"BTC/USDT"},"success":true,"req_id":7}',
      { kind: 'acknowledged', requestId: 7, nativeSymbol: 'BTC/USDT' },
    ],
    [
      '{"error":"Currency pair not supported XBT/USDT","method":"subscribe","success":false,"symbol":"XBT/USDT","req_id":7}',
      {
        kind: 'rejected',
        requestId: 7,
        nativeSymbol: 'XBT/USDT',
        reason: 'Currency pair not supported XBT/USDT',
      },
    ],
    [
      '{"error":"Already subscribed","method":"subscribe","success":false,"symbol":"BTC/USD"}',
      { kind: 'acknowledged', requestId: undefined, nativeSymbol: 'BTC/USD' },
    ],
    [
      '{"error":"Exceeded msg rate"}',
      { kind: 'rejected', requestId: undefined, nativeSymbol: undefined, reason: 'Exceeded msg rate' },
    ],
    [
      '{"error":"Exceeded msg rate","method":"subscribe","success":false,"symbol":"BTC/USD","req_id":7}',
      { kind: 'rejected', requestId: undefined, nativeSymbol: undefined, reason: 'Exceeded msg rate' },
    ],
    [
      '{"method":"unsubscribe","result":{"channel":"ohlc","symbol":"BTC/USD"},"success":true}',
      { kind: 'ignored' },
    ],
    ['{"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD"}]}', { kind: 'ignored' }],
    [
      '{"channel":"ohlc","type":"snapshot","timestamp":"2026-10-06T18:06:02Z","data":[]}',
      { kind: 'ignored' },
    ],
    [
      aKrakenFrame([{ minute: 5, wire: { interval: 5, timestamp: '"2026-10-06T18:10:00.000000Z"' } }]),
      { kind: 'ignored' },
    ],
  ])('%s', (frame, parsed) => {
    expect(parse(frame)).toEqual(parsed)
  })
})

describe('goes whole to dead letters, and breaks the symbol that it surely was of', () => {
  const wired = (wire: Record<string, unknown>) => aKrakenFrame([{ wire }])
  const cases: [frame: string, reason: string, nativeSymbol: string | undefined][] = [
    ['', 'not a JSON object', undefined],
    ['{"channel":"ohlc","type":"upd', 'not a JSON object', undefined],
    ['[]', 'not a JSON object', undefined],
    ['null', 'not a JSON object', undefined],
    ['{}', 'an unknown frame', undefined],
    ['{"channel":"ohlb","data":[]}', 'an unknown channel', undefined],
    ['{"channel":"status","data":[]}', 'a status without a state', undefined],
    ['{"method":"subscribe","success":false}', 'a reply that says neither success nor error', undefined],
    ['{"channel":"ohlc","type":"update","data":{}}', 'data is not a list', undefined],
    [aKrakenFrame([{}], { type: 'delta' }), 'neither a snapshot nor an update', 'BTC/USD'],
    [wired({ open: '"85754.8"' }), 'open is not a number', 'BTC/USD'],
    [wired({ vwap: undefined }), 'vwap is not a number', 'BTC/USD'],
    [wired({ trades: 1.5 }), 'trades is not a count', 'BTC/USD'],
    [wired({ trades: -1 }), 'trades is not a count', 'BTC/USD'],
    [wired({ low: '-1' }), 'a price is not one', 'BTC/USD'],
    [wired({ close: '0' }), 'a price is not one', 'BTC/USD'],
    [wired({ high: '1e300' }), 'a price is not one', 'BTC/USD'],
    [wired({ low: '85754.75' }), 'low is above open or close', 'BTC/USD'],
    [wired({ high: '85754.75' }), 'high is below open or close', 'BTC/USD'],
    [wired({ volume: '-0.5' }), 'volume is not one', 'BTC/USD'],
    [wired({ trades: 0 }), 'a volume without trades', 'BTC/USD'],
    [wired({ symbol: '"BTCUSD"' }), 'the symbol is not one', undefined],
    [wired({ symbol: undefined }), 'the symbol is not one', undefined],
    [wired({ interval: 7 }), 'the interval is not one', 'BTC/USD'],
    [wired({ interval: 5 }), 'the interval is not one', 'BTC/USD'],
    [
      wired({ interval_begin: '"2026-10-06T18:00:30Z"', timestamp: undefined }),
      'the start is not on a minute',
      'BTC/USD',
    ],
    [wired({ interval_begin: '"2026-02-30T18:00:00Z"' }), 'interval_begin is not a time', 'BTC/USD'],
    [wired({ interval_begin: '"1970-01-01T00:00:00Z"' }), 'interval_begin is not a time', 'BTC/USD'],
    [wired({ interval_begin: 1791309600 }), 'interval_begin is not a time', 'BTC/USD'],
    [
      wired({ interval_begin: '"2026-10-06T18:10:00Z"' }),
      'timestamp is not the end of the interval',
      'BTC/USD',
    ],
    [aKrakenFrame([{ minute: 91 }], { sentMs: FRAMES_START_MS }), 'the interval is yet to come', 'BTC/USD'],
    [aKrakenFrame([{ minute: 1 }, { minute: 2, wire: { open: 'null' } }]), 'open is not a number', 'BTC/USD'],
    [aKrakenFrame([{}, { symbol: 'ETH/USD', wire: { open: '[]' } }]), 'open is not a number', undefined],
  ]
  test.each(cases.map(([frame, ...said]) => [...said, frame] as const))(
    '%s, of %s',
    (reason, nativeSymbol, frame) => {
      expect(parse(frame)).toEqual({ kind: 'malformed', reason, nativeSymbol })
    },
  )
})

test('a subscription names its pairs, a hundred a frame, and asks for the last minutes', () => {
  const symbols = Array.from({ length: 150 }, (_, i) => `A${i}/USD`)

  const [first, second] = krakenMapper.subscribe(symbols, 7).map((frame) => JSON.parse(frame))
  expect(first).toEqual({
    method: 'subscribe',
    params: { channel: 'ohlc', symbol: symbols.slice(0, 100), interval: 1, snapshot: true },
    req_id: 7,
  })
  expect([second.req_id, second.params.symbol.length]).toEqual([8, 50])
  expect(JSON.parse(krakenMapper.unsubscribe(['A/USD'], 9)[0] ?? '')).toEqual({
    method: 'unsubscribe',
    params: { channel: 'ohlc', symbol: ['A/USD'], interval: 1 },
    req_id: 9,
  })
  expect(krakenMapper.ping?.(3)).toBe('{"method":"ping","req_id":3}')
})

test.each([
  [krakenMapper.wsUrl, 'wss://ws.kraken.com/v2'],
  ['ws://127.0.0.1:8080/', 'ws://127.0.0.1:8080/v2'],
  ['ws://127.0.0.1:8080/kraken', 'ws://127.0.0.1:8080/kraken'],
])('the address %s is dialled as %s', (base, url) => {
  expect(krakenMapper.connectUrl(base)).toBe(url)
})
