import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aBinanceFrame, aKrakenFrame } from '../../testing/frames.ts'
import type { CandleRow } from '../record/index.ts'
import { mappedExchanges, mapperOf } from './index.ts'
import type { Mapper } from './mapper.ts'
import { isSymbol } from './wire/candle.ts'

const frames: readonly string[] = [
  aKrakenFrame([{ minute: 1 }, { minute: 2, close: '85754.70000000000000001' }], { type: 'snapshot' }),
  aKrakenFrame(),
  '{"channel":"status","type":"update","data":[{"version":"2.0.10","system":"online"}]}',
  '{"method":"subscribe","result":{"channel":"ohlc","symbol":"BTC/USDT"},"success":true,"req_id":7}',
  '{"error":"Currency pair not supported XBT/USDT","method":"subscribe","success":false,"symbol":"XBT/USDT"}',
  '{"method":"pong","req_id":42,"time_out":"2026-10-06T18:06:01.981723Z"}',
  aBinanceFrame(),
  aBinanceFrame({ trades: 0, isFinal: false }),
  '{"result":null,"id":1}',
  '{"code":2,"msg":"Invalid request","id":7}',
  '{"arg":{"channel":"candle1m","instId":"A-B"},"data":[["1791309600000","2","3","1","2","4","5","6","1"]]}',
  '{"id":"7","event":"subscribe","arg":{"channel":"candle1m","instId":"BTC-USDT"}}',
  '{"topic":"kline.1.AB","ts":1791309660111,"data":[{"start":1791309600000,"end":1791309659999,"interval":"1","open":"2","close":"2","high":"3","low":"1","volume":"4","turnover":"8","confirm":true}]}',
  '{"success":false,"ret_msg":"Invalid symbol","req_id":"8","op":"subscribe"}',
]
const mappers = mappedExchanges.map((id) => [id, mapperOf(id) as Mapper] as const)

const DECIMAL = /^\d+(\.\d*)?([eE][+-]?\d+)?$/

/** Whether it is what a candle must be, whoever sent it. */
function isCandle({ nativeSymbol, startMs, close, prices, eventAt }: CandleRow): boolean {
  const { open, high, low, volume, quoteVolume = '0', vwap = '0', tradeCount = '0' } = prices
  const texts = [open, high, low, prices.close, volume, quoteVolume, vwap, tradeCount]
  const [opened, highest, lowest] = [Number(open), Number(high), Number(low)]
  const year = new Date(startMs).getUTCFullYear()
  return (
    isSymbol(nativeSymbol) &&
    startMs % 60_000 === 0 &&
    year > 2008 &&
    year < 2100 &&
    close === Number(prices.close) &&
    texts.every((text) => DECIMAL.test(text) && Number.isFinite(Number(text))) &&
    lowest > 0 &&
    lowest <= opened &&
    lowest <= close &&
    opened <= highest &&
    close <= highest &&
    (eventAt === undefined || !Number.isNaN(Date.parse(eventAt)))
  )
}

/** A hundred thousand of vitest's own expectations take longer than all the parsing. */
function expectCandles(rows: readonly CandleRow[]): void {
  const wrong = rows.find((row) => !isCandle(row))
  if (wrong !== undefined) throw new Error(`no candle: ${JSON.stringify(wrong).slice(0, 500)}`)
}

function expectReason(reason: string): void {
  if (reason === '') throw new Error('malformed for no reason')
}

/** Every mapper reads it without a complaint of its own, and calls nothing a candle that is none. */
function expectRead(frame: string): void {
  for (const [, mapper] of mappers) {
    const parsed = mapper.parse(frame)
    if (parsed.kind === 'candles') expectCandles(parsed.rows)
    if (parsed.kind === 'malformed') expectReason(parsed.reason)
  }
}

const anyFrame = fc.constantFrom(...frames)

/** Lone surrogates included. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 100 })
  .map((codes) => String.fromCharCode(...codes))

/** Any JSON, and what JSON.parse makes of a text that no exchange would send. */
const anyValue = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    'NaN',
    '-1',
    '1e400',
    '',
    'Infinity',
    '0x1F',
    '１２',
    -0,
    1e308,
    2 ** 53,
    '2026-02-30T00:00:00Z',
  ),
  fc.constantFrom<unknown>({ toString: null }, { valueOf: 1, length: -1 }, { __proto__: null }),
)

/** A frame with the member at a path replaced or, without a value, left out. */
function changed(frame: string, seed: number, value: unknown): string {
  const message: unknown = JSON.parse(frame)
  const places: [Record<string, unknown>, string][] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key])
      visit((node as Record<string, unknown>)[key])
    }
  }
  visit(message)
  const place = places[seed % places.length]
  if (place) place[0][place[1]] = value
  return JSON.stringify(message)
}

const bodies: readonly string[] = [
  '{"error":[],"result":{"XXBTZUSD":[[1762819200,"2","3","1","2","2.5","1.5",37]],"last":1762819200}}',
  '{"error":[],"result":{"A":[["2","1",1762819259.9999999,"b","m","",8],["2","1",1762819260,"b","m","",9]],"last":"1762819260000000001"}}',
  '{"error":[],"result":{"XXBTZUSD":{"altname":"XBTUSD","wsname":"XBT/USD","status":"online"}}}',
  '{"error":["EGeneral:Too many requests"]}',
  '[[1678492800000,"2.5","2.6","2.4","2.55","0.2",1678492859999,"4300.8",18,"0.1","0.2","0"]]',
  '{"symbols":[{"symbol":"BTCUSDT","status":"TRADING"}]}',
  '{"code":-1121,"msg":"Invalid symbol."}',
  '{"code":"0","data":[["1791309600000","2","3","1","2","4","5","6","1"],{"instId":"A-B","state":"live"}]}',
  '{"retCode":0,"result":{"list":[["1791309600000","2","3","1","2","4","5"]]},"time":1672025956592}',
  '{"retCode":10001,"retMsg":"Not supported symbols"}',
]

test('no REST answer ends the process either', () => {
  const ask = { nativeSymbol: 'BTC/USD', fromMs: 0, toMs: 60_000 }
  const read = (body: string) => {
    for (const [, { rest }] of mappers) {
      const candles = rest.parseCandles(body, ask)
      const others = [rest.parseSymbols(body), rest.parseTime?.(body), rest.trades?.parseTrades(body)]
      if (candles.ok) expectCandles(candles.value)
      for (const answer of [candles, ...others]) if (answer?.ok === false) expectReason(answer.reason)
    }
  }
  fc.assert(
    fc.property(fc.constantFrom(...bodies), fc.nat(), anyValue, (body, seed, value) => {
      read(changed(body, seed, value))
      read(changed(body, seed, undefined))
      read(body.slice(0, seed % body.length))
    }),
    { numRuns: 400 },
  )
})

describe('no frame ends the process, and none is a candle that cannot be', () => {
  test('bytes flipped', () => {
    fc.assert(
      fc.property(anyFrame, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), (frame, flips) => {
        const bytes = Buffer.from(frame)
        for (const [at, bits] of flips) bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ bits
        expectRead(bytes.toString('utf8'))
        expectRead(bytes.toString('latin1'))
      }),
      { numRuns: 500 },
    )
  })

  test('cut, doubled, or put together wrong', () => {
    fc.assert(
      fc.property(anyFrame, anyFrame, fc.nat(), fc.nat(), (one, other, from, to) => {
        expectRead(one.slice(0, from % (one.length + 1)))
        expectRead(one.slice(0, from % one.length) + other.slice(to % other.length))
      }),
      { numRuns: 500 },
    )
  })

  test('fields dropped, or of any other type', () => {
    fc.assert(
      fc.property(anyFrame, fc.nat(), anyValue, (frame, seed, value) => {
        expectRead(changed(frame, seed, undefined))
        expectRead(changed(frame, seed, value))
      }),
      { numRuns: 400 },
    )
  })

  test('any text, any JSON', () => {
    fc.assert(fc.property(fc.oneof(anyText, fc.json({ maxDepth: 4 })), expectRead), { numRuns: 100 })
  })

  test.each([
    ['deep lists', '['.repeat(200_000) + ']'.repeat(200_000)],
    ['deep objects', `${'{"data":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['a deep row', aKrakenFrame([{ wire: { note: '['.repeat(1e5) + ']'.repeat(1e5) } }])],
    ['a deep reason', `{"error":${'['.repeat(1e5)}${']'.repeat(1e5)},"method":"subscribe","success":false}`],
    ['unclosed', '{"channel":"ohlc","data":'.repeat(50_000)],
    ['huge', aKrakenFrame(Array.from({ length: 5_000 }, (_, i) => ({ minute: -i })))],
    ['a number of a million digits', aKrakenFrame([{ open: '9'.repeat(1e6) }])],
    ['a name of a million letters', aBinanceFrame({ symbol: 'A'.repeat(1e6) })],
  ])('%s', (_, frame) => {
    expectRead(frame)
  })
})

test('a required field that is gone makes a frame malformed, whichever it is', () => {
  const kept = (name: string) => ({ wire: { [name]: undefined } })
  const kraken = [
    'symbol',
    'open',
    'high',
    'low',
    'close',
    'trades',
    'volume',
    'vwap',
    'interval_begin',
    'interval',
  ]
  const binance = ['t', 'T', 's', 'i', 'f', 'L', 'o', 'c', 'h', 'l', 'v', 'n', 'x', 'q']

  const lost = [
    ...kraken.filter((name) => mapperOf('kraken')?.parse(aKrakenFrame([kept(name)])).kind !== 'malformed'),
    ...binance.filter(
      (name) => mapperOf('binance_us')?.parse(aBinanceFrame(kept(name))).kind !== 'malformed',
    ),
  ]
  expect(lost).toEqual([])
})
