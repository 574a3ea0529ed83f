import { describe, expect, test } from 'vitest'
import { bybitMapper } from './bybit-mapper.ts'

const { parse, rest } = bybitMapper
const START_MS = Date.UTC(2026, 9, 6, 18)
const row = (changes: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({
    start: START_MS,
    end: START_MS + 59_999,
    interval: '1',
    open: '16649.5',
    close: '16677',
    high: '16677.5',
    low: '16608',
    volume: '2.081',
    turnover: '34666.4005',
    confirm: true,
    timestamp: START_MS + 59_500,
    ...changes,
  })
const klines = (data: string, changes: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({ topic: 'kline.1.BTCUSDT', ts: START_MS + 60_111, type: 'snapshot', ...changes }).replace(
    /}$/,
    `,"data":[${data}]}`,
  )

test('a candle is final when Bybit confirms it, with its own text and turnover', () => {
  expect(parse(klines(row()))).toEqual({
    kind: 'candles',
    rows: [
      {
        nativeSymbol: 'BTCUSDT',
        startMs: START_MS,
        intervalMs: 60_000,
        close: 16677,
        isFinal: true,
        prices: {
          open: '16649.5',
          high: '16677.5',
          low: '16608',
          close: '16677',
          volume: '2.081',
          quoteVolume: '34666.4005',
          vwap: undefined,
          tradeCount: undefined,
        },
        eventAt: '2026-10-06T18:01:00.111Z',
        raw: row(),
      },
    ],
  })
  expect(parse(klines(row({ confirm: false })))).toMatchObject({ rows: [{ isFinal: false }] })
})

describe('other frames', () => {
  test.each([
    [
      '{"success":true,"ret_msg":"subscribe","conn_id":"2324","req_id":"7","op":"subscribe"}',
      { kind: 'acknowledged', requestId: 7, nativeSymbol: undefined },
    ],
    [
      '{"success":false,"ret_msg":"Invalid symbol :[kline.1.BTCXYZ]","conn_id":"1","req_id":"8","op":"subscribe"}',
      { kind: 'rejected', requestId: 8, nativeSymbol: 'BTCXYZ' },
    ],
    ['{"success":true,"ret_msg":"pong","conn_id":"1","op":"ping"}', { kind: 'heartbeat' }],
    ['{"op":"pong","args":["1"]}', { kind: 'heartbeat' }],
    ['{"success":true,"op":"unsubscribe"}', { kind: 'ignored' }],
    ['{"topic":"tickers.BTCUSDT","data":{}}', { kind: 'ignored' }],
    ['{"topic":"kline.5.BTCUSDT","data":[]}', { kind: 'ignored' }],
    ['{"topic":"klime.1.BTCUSDT","data":[]}', { kind: 'malformed', nativeSymbol: undefined }],
    ['{"topic":7}', { kind: 'malformed' }],
    ['{"op":"auth"}', { kind: 'malformed' }],
    ['{"topic":"kline.1.","data":[]}', { kind: 'malformed', nativeSymbol: undefined }],
    [klines(''), { kind: 'malformed', nativeSymbol: 'BTCUSDT' }],
    [klines('7'), { kind: 'malformed', reason: 'a row is not an object' }],
    [klines(row(), { ts: 'now' }), { kind: 'malformed', reason: 'ts is not a time' }],
    [klines(row(), { ts: START_MS - 5_400_000 }), { kind: 'malformed', reason: 'closed before its end' }],
    [klines(row({ interval: '5' })), { kind: 'malformed', reason: 'the interval is not that of its topic' }],
    [klines(row({ end: START_MS })), { kind: 'malformed', reason: 'end is not the end of its minute' }],
    [klines(row({ confirm: 1 })), { kind: 'malformed', reason: 'confirm is neither true nor false' }],
    [klines(row({ open: 16649.5 })), { kind: 'malformed', reason: 'a price is not one' }],
  ])('%s', (frame, parsed) => {
    expect(parse(frame)).toMatchObject(parsed)
  })
})

test('subscriptions name ten topics a frame', () => {
  const symbols = Array.from({ length: 11 }, (_, i) => `A${i}USDT`)
  const frames = bybitMapper.subscribe(symbols, 7).map((frame) => JSON.parse(frame))

  expect(frames.map(({ req_id: id, op, args }) => [id, op, args.length])).toEqual([
    ['7', 'subscribe', 10],
    ['8', 'subscribe', 1],
  ])
  expect(frames[1].args).toEqual(['kline.1.A10USDT'])
  expect(bybitMapper.ping?.(3)).toBe('{"req_id":"3","op":"ping"}')
  expect(bybitMapper.connectUrl(bybitMapper.wsUrl)).toBe('wss://stream.bybit.com/v5/public/spot')
})

describe('REST', () => {
  const ask = { nativeSymbol: 'BTCUSDT', fromMs: START_MS, toMs: START_MS + 2000 * 60_000 }
  const answer = (result: string) => `{"retCode":0,"retMsg":"OK","result":${result},"time":1672025956592}`
  const kline = (minute: number) =>
    JSON.stringify([String(START_MS + minute * 60_000), '17', '18', '16', '17.5', '3', '51'])

  test('asks for the oldest page, its ends included', () => {
    expect(rest.candles(ask).path).toBe(
      `/v5/market/kline?category=spot&symbol=BTCUSDT&interval=1&start=${START_MS}&end=${START_MS + 1000 * 60_000 - 1}&limit=1000`,
    )
  })

  test('reads the newest first', () => {
    const body = answer(`{"category":"spot","symbol":"BTCUSDT","list":[${kline(1)}, ${kline(0)}]}`)

    expect(rest.parseCandles(body, ask)).toMatchObject({
      ok: true,
      value: [
        { startMs: START_MS, isFinal: false, prices: { volume: '3', quoteVolume: '51' }, raw: kline(0) },
        { startMs: START_MS + 60_000, raw: kline(1) },
      ],
    })
  })

  test.each([
    ['limited', '{"retCode":10006,"retMsg":"Too many visits!","result":{}}'],
    ['unknown_symbol', '{"retCode":10001,"retMsg":"Not supported symbols","result":{}}'],
    ['malformed', '{"retCode":10001,"retMsg":"params error: interval","result":{}}'],
    ['unavailable', '{"retCode":10016,"retMsg":"Server error","result":{}}'],
    ['malformed', answer('{}')],
    ['malformed', answer(`{"list":[${kline(0)},${kline(1)}]}`)],
    ['malformed', answer('{"list":[[]]}')],
    ['malformed', '{"retCode":"0"}'],
  ])('%s: %s', (fault, body) => {
    expect(rest.parseCandles(body, ask)).toMatchObject({ ok: false, fault })
  })

  test('lists symbols and tells the time', () => {
    const body = answer(
      '{"list":[{"symbol":"BTCUSDT","status":"Trading"},{"symbol":"AUSDT","status":"PreLaunch"}]}',
    )

    expect(rest.parseSymbols(body)).toEqual({
      ok: true,
      value: [
        { nativeSymbol: 'BTCUSDT', aliases: [], isTrading: true, status: 'Trading' },
        { nativeSymbol: 'AUSDT', aliases: [], isTrading: false, status: 'PreLaunch' },
      ],
    })
    expect(rest.parseSymbols(answer('{"list":[{}]}'))).toMatchObject({ ok: false })
    expect(rest.parseTime?.(answer('{}'))).toEqual({ ok: true, value: 1672025956592 })
  })
})
