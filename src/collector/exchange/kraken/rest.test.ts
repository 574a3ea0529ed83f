import { describe, expect, test } from 'vitest'
import { krakenMapper } from './kraken-mapper.ts'

const { rest } = krakenMapper
const ask = {
  nativeSymbol: 'BTC/USD',
  fromMs: Date.parse('2025-11-11T00:00:00Z'),
  toMs: Date.parse('2025-11-11T01:00:00Z'),
}
const answer = (result: string, error = '[]') => `{"error":${error},"result":{${result}}}`

describe('candles', () => {
  test('are asked for from one minute before: since is exclusive', () => {
    expect(rest.candles(ask).path).toBe('/0/public/OHLC?pair=BTC%2FUSD&interval=1&since=1762819140')
    expect(rest.reachMinutes).toBe(720)
  })

  test.each(['XXBTZUSD', 'XBTUSD', 'BTC/USD', 'a]"'])(
    'are read under the key %j, vwap before volume',
    (key) => {
      const row =
        '[1762819200, "105899.4","105900.0","105890.1","105899.5","105895.123456789012345678","1.50000000",37]'
      const quiet = '[1762819260,"105899.5","105899.5","105899.5","105899.5","0.0","0.00000000",0]'
      const body = ` ${answer(`${JSON.stringify(key)}: [${row} ,${quiet}],"last":1762819200`)}`

      const parsed = rest.parseCandles(body, ask)
      expect(parsed).toMatchObject({
        ok: true,
        value: [
          {
            nativeSymbol: 'BTC/USD',
            startMs: 1762819200000,
            close: 105899.5,
            isFinal: false,
            prices: {
              open: '105899.4',
              volume: '1.50000000',
              vwap: '105895.123456789012345678',
              quoteVolume: undefined,
              tradeCount: '37',
            },
            raw: row,
          },
          {
            startMs: 1762819260000,
            prices: { volume: '0.00000000', vwap: undefined, tradeCount: '0' },
            raw: quiet,
          },
        ],
      })
    },
  )

  test.each([
    ['limited', answer('', '["EGeneral:Too many requests"]')],
    ['limited', '{"error":["EAPI:Rate limit exceeded"]}'],
    ['unknown_symbol', '{"error":["EQuery:Unknown asset pair"]}'],
    ['unavailable', '{"error":["EService:Unavailable"]}'],
    ['unavailable', '{"error":["EGeneral:Internal error", {"toString":1}]}'],
    ['malformed', '{"error":["EGeneral:Invalid arguments"]}'],
    ['malformed', '<html>502</html>'],
    ['malformed', '{"error":[]}'],
    ['malformed', answer('"last":1')],
    ['malformed', answer('"A":[],"B":[],"last":1')],
    ['malformed', answer('"A":{},"last":1')],
    ['malformed', answer('"A":[[1762819200,"1","1","1","1","0.0","0",0.5]]')],
    ['malformed', answer('"A":[[1762819230,"1","1","1","1","0.0","0",0]]')],
    ['malformed', answer('"A":[[1762819200,1,1,1,1,"0.0","0",0]]')],
    ['malformed', answer('"A":[["1762819200","1","1","1","1","0.0","0",0]]')],
    [
      'malformed',
      answer('"A":[[1762819260,"1","1","1","1","0.0","0",0],[1762819200,"1","1","1","1","0.0","0",0]]'),
    ],
  ])('%s: %s', (fault, body) => {
    expect(rest.parseCandles(body, ask)).toMatchObject({ ok: false, fault })
  })
})

describe('trades', () => {
  const { trades } = rest

  test('are asked for by a time in ns, then by what the page before gave', () => {
    expect(trades?.trades(ask, undefined).path).toBe(
      '/0/public/Trades?pair=BTC%2FUSD&since=1762819200000000000&count=1000',
    )
    expect(trades?.trades(ask, '1762819203827736900').path).toContain('since=1762819203827736900')
  })

  test('keep their minute to the last 100 ns', () => {
    const body = answer(
      '"XXBTZUSD":[["105899.40000","0.00010000",1762819259.9999999,"b","m","",87654321],["105899.5","1",1762819260,"s","l","",87654322]],"last":"1762819260000000001"',
    )

    expect(trades?.parseTrades(body)).toEqual({
      ok: true,
      value: {
        trades: [
          { id: '87654321', atMs: 1762819259999, price: '105899.40000', volume: '0.00010000' },
          { id: '87654322', atMs: 1762819260000, price: '105899.5', volume: '1' },
        ],
        cursor: '1762819260000000001',
      },
    })
  })

  test('end with the page that repeats the last one alone', () => {
    const body = answer('"A":[["1","1",1762819260.1,"s","l","",7]],"last":"1762819260100000000"')

    expect(trades?.parseTrades(body)).toMatchObject({ ok: true, value: { cursor: undefined } })
  })

  test.each([
    answer('"A":[["1","1",1762819260.1,"s","l",""]],"last":"1"'),
    answer('"A":[["1","0",1762819260.1,"s","l","",7]],"last":"1"'),
    answer('"A":[["-1","1",1762819260.1,"s","l","",7]],"last":"1"'),
    answer('"A":[["1","1","1762819260.1","s","l","",7]],"last":"1"'),
    answer('"A":[["1","1",1e99,"s","l","",7]],"last":"1"'),
    answer('"A":[],"last":17628192601000000'),
  ])('%s is malformed', (body) => {
    expect(trades?.parseTrades(body)).toMatchObject({ ok: false, fault: 'malformed' })
  })
})

test('pairs have the names that the WebSocket takes', () => {
  const body = answer(
    '"XXBTZUSD":{"altname":"XBTUSD","wsname":"XBT/USD","status":"online"},"XDGEUR":{"altname":"XDGEUR","wsname":"XDG/EUR","status":"cancel_only"},"XBTUSD.d":{"altname":"XBTUSD.d"}',
  )

  expect(rest.parseSymbols(body)).toEqual({
    ok: true,
    value: [
      {
        nativeSymbol: 'BTC/USD',
        aliases: ['XBTUSD', 'XXBTZUSD', 'XBT/USD'],
        isTrading: true,
        status: 'online',
      },
      { nativeSymbol: 'DOGE/EUR', aliases: ['XDGEUR', 'XDG/EUR'], isTrading: false, status: 'cancel_only' },
    ],
  })
  expect(rest.parseSymbols(answer('"A":7'))).toMatchObject({ ok: false, fault: 'malformed' })
})

test('the time comes in whole seconds', () => {
  expect(rest.time?.().path).toBe('/0/public/Time')
  expect(rest.parseTime?.(answer('"unixtime":1762820224'))).toEqual({ ok: true, value: 1762820224000 })
  expect(rest.parseTime?.(answer('"unixtime":"x"'))).toMatchObject({ ok: false, fault: 'malformed' })
})
