import { describe, expect, test } from 'vitest'
import { aBinanceFrame, FRAMES_START_MS } from '../../../testing/frames.ts'
import { binanceGlobalMapper, binanceUsMapper } from './binance-mapper.ts'

const { parse } = binanceUsMapper

test('a closed kline is final, its hour that of its start though it comes in the next', () => {
  const frame = aBinanceFrame({ minute: 59 })

  expect(parse(frame)).toEqual({
    kind: 'candles',
    rows: [
      {
        nativeSymbol: 'BTCUSDT',
        startMs: FRAMES_START_MS + 59 * 60_000,
        intervalMs: 60_000,
        close: 13.7664,
        isFinal: true,
        prices: {
          open: '13.72120000',
          high: '13.80760000',
          low: '13.72120000',
          close: '13.76640000',
          volume: '536.51000000',
          quoteVolume: '7387.12073500',
          vwap: undefined,
          tradeCount: '14',
        },
        eventAt: '2026-10-06T19:00:01.755Z',
        raw: frame,
      },
    ],
  })
})

test('a bare payload says the same as a wrapped one', () => {
  const bare = JSON.stringify(JSON.parse(aBinanceFrame({ isFinal: false })).data)

  expect(parse(bare)).toMatchObject({ kind: 'candles', rows: [{ isFinal: false, raw: bare }] })
})

test('a clock of the exchange that is behind its own candles costs none of them', () => {
  const eventMs = FRAMES_START_MS + 59_999 - 3_600_000

  expect(parse(aBinanceFrame({ eventMs }))).toMatchObject({ kind: 'candles', rows: [{ isFinal: true }] })
})

test('a quiet minute is sent, closed and flat', () => {
  const flat = { open: '1.5', high: '1.5', low: '1.5', close: '1.5' }

  expect(parse(aBinanceFrame({ ...flat, trades: 0 }))).toMatchObject({
    kind: 'candles',
    rows: [{ isFinal: true, prices: { volume: '0.00000000', tradeCount: '0' } }],
  })
})

describe('what is no candle', () => {
  test.each([
    ['{"result":null,"id":1}', { kind: 'acknowledged', requestId: 1, nativeSymbol: undefined }],
    [
      '{"result":["btcusdt@kline_1m"],"id":3}',
      { kind: 'acknowledged', requestId: 3, nativeSymbol: undefined },
    ],
    [
      '{"code":2,"msg":"Invalid request: unknown variant","id":7}',
      {
        kind: 'rejected',
        requestId: 7,
        nativeSymbol: undefined,
        reason: 'Invalid request: unknown variant (2)',
      },
    ],
    [
      '{"error":{"code":3,"msg":"Invalid JSON"}}',
      { kind: 'rejected', requestId: undefined, nativeSymbol: undefined, reason: 'Invalid JSON (3)' },
    ],
    ['{"code":{"toString":1},"msg":{"a":[]}}', { kind: 'rejected', reason: 'an object (an object)' }],
    ['{"e":"serverShutdown","E":1791309600000}', { kind: 'shutdown' }],
    ['{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}}', { kind: 'shutdown' }],
    [
      '{"stream":"omgbusd@bookTicker","data":{"u":77819472,"s":"OMGBUSD","b":"13.7","B":"30.2","a":"13.8","A":"31.5"}}',
      { kind: 'ignored' },
    ],
    ['{"u":77819472,"s":"OMGBUSD","b":"13.7","B":"30.2","a":"13.8","A":"31.5"}', { kind: 'ignored' }],
    ['{"lastUpdateId":160,"bids":[],"asks":[]}', { kind: 'ignored' }],
    ['{"e":"aggTrade","E":1633998288468,"s":"OMGBUSD","a":425085}', { kind: 'ignored' }],
    ['{"stream":"!miniTicker@arr","data":[{"e":"24hrMiniTicker","E":1}]}', { kind: 'ignored' }],
    ['[{"e":"24hrTicker","E":1}]', { kind: 'ignored' }],
    [aBinanceFrame({ wire: { i: '5m' } }), { kind: 'ignored' }],
  ])('%s', (frame, parsed) => {
    expect(parse(frame)).toMatchObject(parsed)
  })
})

describe('goes whole to dead letters, and breaks the symbol that it surely was of', () => {
  const wired = (wire: Record<string, unknown>) => aBinanceFrame({ wire })
  const replaced = (from: string, to: string) => aBinanceFrame().replace(from, to)
  const cases: [frame: string, reason: string, nativeSymbol: string | undefined][] = [
    ['nonsense', 'not a JSON object', undefined],
    ['"kline"', 'not a JSON object', undefined],
    ['{"stream":7,"data":{}}', 'stream is not a name', undefined],
    ['{"stream":"a@kline_1m","data":null}', 'data is not an object', undefined],
    ['[{"e":"kline"}]', 'a list of unknown events', undefined],
    ['[{"e":{"toString":null}}]', 'a list of unknown events', undefined],
    ['{"e":"klime"}', 'an unknown event', undefined],
    ['{"a":1}', 'an unknown frame', undefined],
    ['{"e":"kline","k":[]}', 'k is not an object', undefined],
    [wired({ s: 'BTCUSDC' }), 'the symbols differ, or are none', undefined],
    [replaced('"btcusdt@', '"btcusdc@'), 'the stream is not of its symbol', undefined],
    [wired({ i: 'x' }), 'the interval is not one', 'BTCUSDT'],
    [wired({ T: undefined }), 'T is not the end of its minute', 'BTCUSDT'],
    [wired({ t: FRAMES_START_MS + 1 }), 'T is not the end of its minute', 'BTCUSDT'],
    [
      aBinanceFrame({ wire: { t: 1500, T: 61_499 }, eventMs: FRAMES_START_MS }),
      'the start is not a time of a candle',
      'BTCUSDT',
    ],
    [
      wired({ t: FRAMES_START_MS - 1500, T: FRAMES_START_MS + 58_499 }),
      'the start is not on a minute',
      'BTCUSDT',
    ],
    [wired({ t: 1e300, T: 1e300 }), 'E is not a time of the candle', 'BTCUSDT'],
    [wired({ x: 'true' }), 'x is neither true nor false', 'BTCUSDT'],
    [wired({ n: 15 }), 'n is not L - f + 1', 'BTCUSDT'],
    [wired({ n: 0 }), 'n is not L - f + 1', 'BTCUSDT'],
    [wired({ f: -1 }), 'n is not L - f + 1', 'BTCUSDT'],
    [aBinanceFrame({ eventMs: -5 }), 'E is not a time of the candle', 'BTCUSDT'],
    [aBinanceFrame({ eventMs: FRAMES_START_MS - 5_400_001 }), 'E is not a time of the candle', 'BTCUSDT'],
    [aBinanceFrame({ eventMs: FRAMES_START_MS - 5_350_000 }), 'closed before its end', 'BTCUSDT'],
    [wired({ o: 13.7212 }), 'a price is not one', 'BTCUSDT'],
    [wired({ o: 'NaN' }), 'a price is not one', 'BTCUSDT'],
    [wired({ o: '0x10' }), 'a price is not one', 'BTCUSDT'],
    [wired({ l: '14' }), 'low is above open or close', 'BTCUSDT'],
    [wired({ v: '' }), 'volume is not one', 'BTCUSDT'],
    [wired({ q: '-1' }), 'quote volume is not one', 'BTCUSDT'],
  ]
  test.each(cases.map(([frame, ...said]) => [...said, frame] as const))(
    '%s, of %s',
    (reason, nativeSymbol, frame) => {
      expect(parse(frame)).toEqual({ kind: 'malformed', reason, nativeSymbol })
    },
  )
})

test('a subscription names its streams in lower case, two hundred a frame', () => {
  const symbols = Array.from({ length: 450 }, (_, i) => `A${i}USDT`)

  const frames = binanceUsMapper.subscribe(symbols, 7).map((frame) => JSON.parse(frame))
  expect(frames.map(({ method, id, params }) => [method, id, params.length, params[0]])).toEqual([
    ['SUBSCRIBE', 7, 200, 'a0usdt@kline_1m'],
    ['SUBSCRIBE', 8, 200, 'a200usdt@kline_1m'],
    ['SUBSCRIBE', 9, 50, 'a400usdt@kline_1m'],
  ])
  expect(binanceUsMapper.unsubscribe(['BTCUSDT'], 4)).toEqual([
    '{"method":"UNSUBSCRIBE","params":["btcusdt@kline_1m"],"id":4}',
  ])
})

test('the two Binances differ in addresses and in what a request costs', () => {
  const ask = { nativeSymbol: 'BTCUSDT', fromMs: FRAMES_START_MS, toMs: FRAMES_START_MS + 600_000 }
  const facts = [binanceUsMapper, binanceGlobalMapper].map(
    ({ exchange, connectUrl, wsUrl, restUrl, rest }) => [
      exchange,
      connectUrl(wsUrl),
      restUrl,
      rest.candles(ask).weight,
      rest.symbols().weight,
      rest.budget.weight,
    ],
  )

  expect(facts).toEqual([
    ['binance_us', 'wss://stream.binance.us:9443/stream', 'https://api.binance.us', 1, 10, 1200],
    ['binance', 'wss://stream.binance.com:9443/stream', 'https://api.binance.com', 2, 20, 6000],
  ])
})
