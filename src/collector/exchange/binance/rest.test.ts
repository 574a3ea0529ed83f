import { describe, expect, test } from 'vitest'
import { binanceGlobalMapper, binanceUsMapper } from './binance-mapper.ts'

const { rest } = binanceUsMapper
const ask = {
  nativeSymbol: 'BTCUSDT',
  fromMs: Date.parse('2023-03-11T00:00:00Z'),
  toMs: Date.parse('2023-03-11T01:00:00Z'),
}
const FIRST =
  '[1678492800000,"2.5","2.6","2.4","2.55","0.21340000",1678492859999,"4300.89546130",18,"0.1","0.2","0"]'
const SECOND =
  '[1678492860000,"2.55","2.55","2.55","2.55","0.00000000",1678492919999,"0.00000000",0,"0","0","0"]'

test('the end is inclusive there, so a ms less is asked for', () => {
  expect(rest.candles(ask).path).toBe(
    '/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=1678492800000&endTime=1678496399999&limit=1000',
  )
})

test('the list of Binance is asked for without who may trade what, which is most of its many megabytes', () => {
  expect(rest.symbols()).toEqual({ path: '/api/v3/exchangeInfo', weight: 10 })
  expect(binanceGlobalMapper.rest.symbols()).toEqual({
    path: '/api/v3/exchangeInfo?showPermissionSets=false',
    weight: 20,
  })
})

test('quote volume is the eighth column, and no vwap', () => {
  expect(rest.parseCandles(`[ ${FIRST},\n${SECOND}]`, ask)).toEqual({
    ok: true,
    value: [
      {
        nativeSymbol: 'BTCUSDT',
        startMs: 1678492800000,
        intervalMs: 60_000,
        close: 2.55,
        isFinal: false,
        prices: {
          open: '2.5',
          high: '2.6',
          low: '2.4',
          close: '2.55',
          volume: '0.21340000',
          quoteVolume: '4300.89546130',
          vwap: undefined,
          tradeCount: '18',
        },
        eventAt: undefined,
        raw: FIRST,
      },
      expect.objectContaining({ startMs: 1678492860000, raw: SECOND }),
    ],
  })
  expect(rest.parseCandles('[]', ask)).toEqual({ ok: true, value: [] })
})

test('a halt ends a candle early, and the ones behind it that begin between minutes are of no minute', () => {
  const cut = FIRST.replace('1678492859999', '1678492854788')
  const between = '[1678492874789,"2.5","2.6","2.4","2.55","1",1678492934788,"2",1,"0","0","0"]'
  const after = FIRST.replace('1678492800000', '1678492980000').replace('1678492859999', '1678493039999')

  expect(rest.parseCandles(`[${cut},${between},${after}]`, ask)).toMatchObject({
    ok: true,
    value: [
      { startMs: 1678492800000, raw: cut },
      { startMs: 1678492980000, raw: after },
    ],
  })
})

describe('an answer that is none', () => {
  test.each([
    ['unknown_symbol', '{"code":-1121,"msg":"Invalid symbol."}'],
    ['limited', '{"code":-1003,"msg":"Too much request weight used; IP banned until 1659146400000."}'],
    ['unavailable', '{"code":-1001,"msg":"Internal error"}'],
    ['malformed', '{"code":-1120,"msg":"Invalid interval."}'],
    ['malformed', '{"code":{"toString":1},"msg":[]}'],
    ['malformed', '<html><title>403</title></html>'],
    ['malformed', 'null'],
    ['malformed', '{}'],
    ['malformed', `[${FIRST},${FIRST}]`],
    ['malformed', `[${SECOND},${FIRST}]`],
    ['malformed', '[[1678492800000]]'],
    ['malformed', '[7]'],
    ['malformed', `[${FIRST.replace('18', '-1')}]`],
    ['malformed', `[${FIRST.replace('1678492859999', '1678493099999')}]`],
    ['malformed', `[${FIRST.replace('"2.4"', '2.4')}]`],
  ])('is %s: %s', (fault, body) => {
    expect(rest.parseCandles(body, ask)).toMatchObject({ ok: false, fault })
  })
})

test('symbols that trade are told from those that do not', () => {
  const body =
    '{"timezone":"UTC","symbols":[{"symbol":"BTCUSDT","status":"TRADING"},{"symbol":"LUNAUSDT","status":"BREAK"}]}'

  expect(rest.parseSymbols(body)).toEqual({
    ok: true,
    value: [
      { nativeSymbol: 'BTCUSDT', aliases: [], isTrading: true, status: 'TRADING' },
      { nativeSymbol: 'LUNAUSDT', aliases: [], isTrading: false, status: 'BREAK' },
    ],
  })
  expect(rest.parseSymbols('{"symbols":[{"symbol":7}]}')).toMatchObject({ ok: false, fault: 'malformed' })
})

test('time and used weight are read, garbage is not', () => {
  expect(rest.parseTime?.('{"serverTime":1499827319559}')).toEqual({ ok: true, value: 1499827319559 })
  expect(rest.parseTime?.('{"serverTime":"1"}')).toMatchObject({ ok: false, fault: 'malformed' })
  expect(rest.usedWeight?.({ 'x-mbx-used-weight-1m': '37' })).toBe(37)
  expect(rest.usedWeight?.({ 'x-mbx-used-weight-1m': 'much' })).toBeUndefined()
  expect(rest.usedWeight?.({})).toBeUndefined()
})
