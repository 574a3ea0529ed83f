import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimalOf, decimalText, dividedBy, isLess, plus, times } from './decimal.ts'

const decimal = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.nat(12))
  .map(([digits, places]) => ({ digits, places }))

/** 10^24 times the value: enough for two factors of twelve places. */
function large({ digits, places }: { digits: bigint; places: number }): bigint {
  return digits * 10n ** BigInt(24 - places)
}

test('sums, products and order are exact', () => {
  fc.assert(
    fc.property(decimal, decimal, (a, b) => {
      expect(large(plus(a, b))).toBe(large(a) + large(b))
      expect(large(times(a, b)) * 10n ** 24n).toBe(large(a) * large(b))
      expect(isLess(a, b)).toBe(large(a) < large(b))
      expect(large(decimalOf(decimalText(a)))).toBe(large(a))
    }),
  )
})

test.each([
  ['1', '3', 4, '0.3333'],
  ['2', '3', 4, '0.6667'],
  ['0.5', '4', 3, '0.125'],
  ['0.5', '4', 2, '0.13'],
  ['0', '7.5', 5, '0'],
  ['900', '0.03', 0, '30000'],
])('%s / %s to %i places is %s', (a, b, places, text) => {
  expect(decimalText(dividedBy(decimalOf(a), decimalOf(b), places))).toBe(text)
})
