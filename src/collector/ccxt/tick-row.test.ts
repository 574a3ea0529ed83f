import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chooseSymbols } from './choose-symbols.ts'
import { decimalOf, namesOf, tickRowOf } from './tick-row.ts'

test.each([
  [1e-7, '0.0000001'],
  [1.23e-9, '0.00000000123'],
  [1e21, '1000000000000000000000'],
  [-2.5e-8, '-0.000000025'],
  [0, '0'],
  [60_123.4, '60123.4'],
  ['8.4e-6', '0.0000084'],
  [Number.NaN, undefined],
  [undefined, undefined],
  [null, undefined],
])('%s is the decimal %s', (value, text) => {
  expect(decimalOf(value)).toBe(text)
})

test('a decimal is the number it came from, and has no exponent', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = decimalOf(value) ?? ''

      expect(text).toMatch(/^-?\d+(\.\d+)?$/)
      expect(Number(text)).toBe(value === 0 ? 0 : value)
    }),
  )
})

const market = (symbol: string, more = {}) => ({ id: symbol.replace('/', ''), symbol, spot: true, ...more })

test.each([
  [market('BTC/USDT'), 'BTC-USD USDT'],
  [market('ETH/EUR'), 'ETH-EUR EUR'],
  [market('SOL/USD:USDC', { base: 'SOL', quote: 'USD' }), 'SOL-USD USD'],
])('%o is %s', (one, names) => {
  const { symbol, quoteAsset } = namesOf(one)

  expect(`${symbol} ${quoteAsset}`).toBe(names)
})

test('the price is the last one, else the close; a ticker without any is passed over', () => {
  const options = { isSampled: false, keepsRaw: true }

  expect(tickRowOf({ last: 2, close: 1 }, market('BTC/USD'), options)?.price).toBe('2')
  expect(tickRowOf({ close: 1, info: { c: 1 } }, market('BTC/USD'), options)).toMatchObject({
    price: '1',
    last: undefined,
    raw: '{"c":1}',
    exchangeAt: undefined,
  })
  expect(tickRowOf({ baseVolume: 5, timestamp: 1 }, market('BTC/USD'), options)).toBeUndefined()
})

test('the cap keeps the markets with the largest volume, the rest by name', () => {
  const ticks = {
    ccxtId: 'x',
    symbols: undefined,
    isSpotOnly: true,
    maxSymbols: 2,
    maxStreams: undefined,
    keepsRaw: true,
  }
  const markets = [
    market('AAVE/USD'),
    market('BTC/USD'),
    market('ETH/USD'),
    market('OLD/USD', { active: false }),
    market('BTC/USD:USD', { spot: false }),
  ]

  const volumes = new Map([
    ['BTC/USD', 9e9],
    ['ETH/USD', 5e9],
    ['AAVE/USD', 1e6],
  ])
  expect(chooseSymbols({ markets, settings: ticks, quoteVolumes: volumes })).toEqual({
    symbols: ['BTC/USD', 'ETH/USD'],
    unknown: [],
    cutFrom: 3,
  })
  expect(chooseSymbols({ markets, settings: ticks, quoteVolumes: new Map() }).symbols).toEqual([
    'AAVE/USD',
    'BTC/USD',
  ])
})
