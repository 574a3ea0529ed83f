import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Candle, newCandle } from './candle.ts'
import { landingLines, parseLandingPath } from './landing.ts'

const parse = landingLines(parseLandingPath('exchange=kraken/symbol=BTC-USD/x.jsonl'))

function read(text: string): Candle | string {
  const bytes = Buffer.from(`garbage ${text} garbage`)
  const candle = newCandle()
  return parse(bytes, 8, bytes.length - 8, candle) ?? candle
}

const decimal = fc.integer({ min: 1, max: 1e9 }).map((value) => (value / 1000).toFixed(3))
const fields = fc.record({
  native_symbol: fc.constantFrom('BTC/USD', 'ÄTH/USD', 'X'),
  interval_start: fc
    .integer({ min: 2.1e7, max: 2.9e7 })
    .map((minute) => new Date(minute * 60_000).toISOString()),
  open: decimal,
  high: decimal,
  low: decimal,
  close: decimal,
  volume: decimal,
  quote_volume: fc.option(decimal),
  vwap: fc.option(decimal),
  trade_count: fc.option(fc.nat().map(String)),
  is_final: fc.boolean(),
  source: fc.constantFrom('ws', 'rest'),
})
const record = fc.record({
  v: fc.constant(1),
  feed_id: fc.string({ unit: fc.constantFrom('a', '-', '7') }),
  sequence: fc.nat(),
  row: fc.nat(9),
  received_at: fc.integer({ min: 1.2e12, max: 1.8e12 }).map((ms) => new Date(ms).toISOString()),
  proof: fc.constantFrom('sent', 'silence', null),
  fields,
  raw: fc.string(),
})

test('a line reads the same however its JSON is written', () => {
  fc.assert(
    fc.property(record, (line) => {
      const { raw, ...rest } = line
      const compact = read(JSON.stringify(line))

      expect(compact).not.toBeTypeOf('string')
      expect(read(JSON.stringify(line, null, 1).replaceAll('\n', ' '))).toEqual(compact)
      expect(read(JSON.stringify({ raw, extra: [1, { a: 'b' }], ...rest }))).toEqual(compact)
    }),
  )
})

test('a line cut anywhere is bad, never another candle', () => {
  fc.assert(
    fc.property(record, fc.nat(), (line, seed) => {
      const text = JSON.stringify(line)

      expect(read(text.slice(0, seed % text.length))).toBeTypeOf('string')
    }),
  )
})

test('bytes that are no UTF-8 are named', () => {
  const bytes = Buffer.concat([Buffer.from('{"v": 1, "x": "'), Buffer.of(0xff), Buffer.from('"}')])

  expect(parse(bytes, 0, bytes.length, newCandle())).toBe('not UTF-8')
})
