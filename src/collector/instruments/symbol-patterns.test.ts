import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchesSymbol, parseSymbolPatterns, unmatchedTerms } from './symbol-patterns.ts'

test.each([
  ['BTC/USD', 'BTC/USD', true],
  ['btc/usd', 'BTC/USD', true],
  ['BTC', 'BTC/USD', false],
  ['BTC%', 'BTC/USD', true],
  ['%usd', 'BTC-USD', true],
  ['%usd', 'BTC-USDT', false],
  ['b%c/%d', 'BTC/USD', true],
  ['BTC_USD', 'BTC/USD', true],
  ['BTC_USD', 'BTC-USD', true],
  ['BTC_USD', 'BTCUSD', false],
  ['%', '', true],
  ['_', '', false],
  ['ETH/USD, BTC%', 'BTC/USD', true],
  ['BTC.USD', 'BTC/USD', false],
  ['(BTC|ETH)%', 'BTC/USD', false],
  ['%%b%%t%%', 'BTC/USD', true],
])('--symbols %j and %s: %s', (text, name, expected) => {
  expect(matchesSymbol(parseSymbolPatterns(text), [name])).toBe(expected)
})

test.each([[undefined], [''], [' , ,']])('--symbols %j means all symbols', (text) => {
  expect(parseSymbolPatterns(text)).toBeUndefined()
  expect(matchesSymbol(undefined, ['BTC/USD'])).toBe(true)
})

test('terms that mean nothing are named as they were written, each once', () => {
  const patterns = parseSymbolPatterns('Btc/USD, DOGE%, doge%, Xyz')

  expect(unmatchedTerms(patterns, ['BTC/USD', 'ETH/USD'])).toEqual(['DOGE%', 'Xyz'])
})

test('a pattern means what the regular expression of SQL LIKE means', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'B', '%', '_', '/', '.'), maxLength: 8 })
  fc.assert(
    fc.property(letters, letters, (pattern, name) => {
      fc.pre(pattern !== '')
      const source = [...pattern].map((sign) => (sign === '%' ? '.*' : sign === '_' ? '.' : `[${sign}]`))
      const expected = new RegExp(`^${source.join('')}$`, 'is').test(name)

      expect(matchesSymbol(parseSymbolPatterns(pattern), [name])).toBe(expected)
    }),
  )
})

test('a hostile pattern takes no time to speak of', () => {
  const patterns = parseSymbolPatterns(`${'%a'.repeat(200)}b`)
  const startMs = performance.now()

  expect(matchesSymbol(patterns, ['a'.repeat(2000)])).toBe(false)
  expect(performance.now() - startMs).toBeLessThan(2000)
})
