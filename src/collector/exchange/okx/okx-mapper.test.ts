import { describe, expect, test } from 'vitest'
import { okxMapper } from './okx-mapper.ts'

const { parse, rest } = okxMapper
const START_MS = Date.UTC(2026, 9, 6, 18)
const row = (changes: Readonly<Record<number, unknown>> = {}) =>
  JSON.stringify(
    Object.assign(
      [String(START_MS), '8533.02', '8553.74', '8527.17', '8548.26', '45.247', '5295', '386000.5', '1'],
      changes,
    ),
  )
const candles = (...rows: string[]) =>
  `{"arg":{"channel":"candle1m","instId":"BTC-USDT"},"data":[${rows.join(', ')}]}`

test('a candle is final when OKX confirms it, with its own text and quote volume', () => {
  const running = row({ 0: String(START_MS + 60_000), 8: '0' })

  expect(parse(candles(row(), running))).toEqual({
    kind: 'candles',
    rows: [
      {
        nativeSymbol: 'BTC-USDT',
        startMs: START_MS,
        intervalMs: 60_000,
        close: 8548.26,
        isFinal: true,
        prices: {
          open: '8533.02',
          high: '8553.74',
          low: '8527.17',
          close: '8548.26',
          volume: '45.247',
          quoteVolume: '386000.5',
          vwap: undefined,
          tradeCount: undefined,
        },
        eventAt: undefined,
        raw: row(),
      },
      expect.objectContaining({ startMs: START_MS + 60_000, isFinal: false, raw: running }),
    ],
  })
})

describe('other frames', () => {
  test.each([
    ['pong', { kind: 'heartbeat' }],
    [
      '{"id":"7","event":"subscribe","arg":{"channel":"candle1m","instId":"BTC-USDT"},"connId":"a4d3ae55"}',
      { kind: 'acknowledged', requestId: 7, nativeSymbol: 'BTC-USDT' },
    ],
    [
      '{"event":"error","code":"60018","msg":"Wrong URL or channel:candle1m,instId:BTC-XYZ doesn\'t exist.","connId":"a"}',
      { kind: 'rejected', requestId: undefined, nativeSymbol: 'BTC-XYZ' },
    ],
    [
      '{"id":"7","event":"error","code":"60014","msg":"Requests too frequent","connId":"a"}',
      { kind: 'rejected', requestId: undefined, nativeSymbol: undefined },
    ],
    ['{"event":"notice","code":"64008","msg":"The connection will soon be closed"}', { kind: 'shutdown' }],
    ['{"event":"unsubscribe","arg":{"channel":"candle1m","instId":"BTC-USDT"}}', { kind: 'ignored' }],
    ['{"event":"channel-conn-count","channel":"candle1m","connCount":"1"}', { kind: 'ignored' }],
    ['{"arg":{"channel":"tickers","instId":"BTC-USDT"},"data":[]}', { kind: 'ignored' }],
    ['{"arg":{"channel":"candle5m","instId":"BTC-USDT"},"data":[]}', { kind: 'ignored' }],
    ['{"event":"what"}', { kind: 'malformed', nativeSymbol: undefined }],
    ['{"arg":{"channel":"candel1m"}}', { kind: 'malformed', nativeSymbol: undefined }],
    ['{"arg":{"channel":"candle1m"},"data":[]}', { kind: 'malformed', nativeSymbol: undefined }],
    [candles(), { kind: 'malformed', nativeSymbol: 'BTC-USDT' }],
    [candles(row({ 0: START_MS })), { kind: 'malformed', reason: 'the start is not a time of a candle' }],
    [
      candles(row({ 0: String(START_MS + 1000) })),
      { kind: 'malformed', reason: 'the start is not on a minute' },
    ],
    [candles(row({ 8: '2' })), { kind: 'malformed', reason: 'confirm is neither 0 nor 1' }],
    [candles(row({ 7: undefined })), { kind: 'malformed', reason: 'quote volume is not one' }],
    [candles(row({ 3: '9000' })), { kind: 'malformed', reason: 'low is above open or close' }],
    [candles('[]'), { kind: 'malformed', reason: 'not a candle' }],
  ])('%s', (frame, parsed) => {
    expect(parse(frame)).toMatchObject(parsed)
  })
})

test('subscriptions and pings are written as OKX reads them', () => {
  const symbols = Array.from({ length: 61 }, (_, i) => `A${i}-USDT`)
  const frames = okxMapper.subscribe(symbols, 7).map((frame) => JSON.parse(frame))

  expect(frames.map(({ id, op, args }) => [id, op, args.length])).toEqual([
    ['7', 'subscribe', 60],
    ['8', 'subscribe', 1],
  ])
  expect(frames[1].args).toEqual([{ channel: 'candle1m', instId: 'A60-USDT' }])
  expect(okxMapper.ping?.(1)).toBe('ping')
  expect(okxMapper.connectUrl(okxMapper.wsUrl)).toBe('wss://ws.okx.com:8443/ws/v5/business')
})

describe('REST', () => {
  const ask = { nativeSymbol: 'BTC-USDT', fromMs: START_MS, toMs: START_MS + 600 * 60_000 }
  const answer = (data: string) => `{"code":"0","msg":"","data":${data}}`

  test('asks for the oldest page, its ends exclusive', () => {
    expect(rest.candles(ask).path).toBe(
      `/api/v5/market/candles?instId=BTC-USDT&bar=1m&after=${START_MS + 300 * 60_000}&before=${START_MS - 1}&limit=300`,
    )
  })

  test('reads the newest first and leaves out what OKX calls incomplete', () => {
    const [second, third] = [
      row({ 0: String(START_MS + 60_000) }),
      row({ 0: String(START_MS + 120_000), 8: '0' }),
    ]
    const parsed = rest.parseCandles(answer(`[${third},${second},${row()}]`), ask)

    expect(parsed).toMatchObject({ ok: true, value: [{ startMs: START_MS, raw: row() }, { raw: second }] })
  })

  test.each([
    ['limited', '{"code":"50011","msg":"Too Many Requests","data":[]}'],
    ['unknown_symbol', '{"code":"51001","msg":"Instrument ID does not exist","data":[]}'],
    ['unavailable', '{"code":"50001","msg":"Service temporarily unavailable","data":[]}'],
    ['malformed', '{"code":"51000","msg":"Parameter bar error","data":[]}'],
    ['malformed', answer('{}')],
    ['malformed', answer(`[${row()},${row()}]`)],
    ['malformed', '<html>'],
  ])('%s: %s', (fault, body) => {
    expect(rest.parseCandles(body, ask)).toMatchObject({ ok: false, fault })
  })

  test('lists instruments and tells the time', () => {
    expect(
      rest.parseSymbols(answer('[{"instId":"BTC-USDT","state":"live"},{"instId":"A-B","state":"suspend"}]')),
    ).toEqual({
      ok: true,
      value: [
        { nativeSymbol: 'BTC-USDT', aliases: [], isTrading: true, status: 'live' },
        { nativeSymbol: 'A-B', aliases: [], isTrading: false, status: 'suspend' },
      ],
    })
    expect(rest.parseSymbols(answer('[7]'))).toMatchObject({ ok: false })
    expect(rest.parseTime?.(answer('[{"ts":"1597026383085"}]'))).toEqual({ ok: true, value: 1597026383085 })
    expect(rest.parseTime?.(answer('[]'))).toMatchObject({ ok: false })
  })
})
