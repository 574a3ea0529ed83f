import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDecimal, parseWhole, splitColumns } from './bytes.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const decimalOf = (text: string) => parseDecimal(bytesOf(text), 0, text.length)

describe('parseDecimal', () => {
  test.each([
    '0',
    '1',
    '19772.53',
    '0.00000001',
    '-3.5',
    '1.',
    '24139.99284780',
    '0.0032289800000000002',
    '123456789012345678901234',
    '1e-7',
    '9007199254740993',
    '0.000000000000000000000001',
  ])('reads %s as Postgres does', (text) => {
    expect(decimalOf(text)).toBe(Number(text))
  })

  test.each(['', '-', '.', 'NaN', 'Infinity', '0x10', '1,5', ' 1', '1 ', '1.2.3', '1e', '--1', '1e999'])(
    'takes %j for no number',
    (text) => {
      expect(decimalOf(text)).toBeNaN()
    },
  )

  test('rounds every decimal text as the language itself does', () => {
    const digits = fc.bigInt({ min: 0n, max: 10n ** 20n })
    fc.assert(
      fc.property(digits, fc.nat(24), (mantissa, places) => {
        const padded = String(mantissa).padStart(places + 1, '0')
        const cut = padded.length - places
        const text = places === 0 ? padded : `${padded.slice(0, cut)}.${padded.slice(cut)}`
        expect(decimalOf(text)).toBe(Number(text))
      }),
    )
  })
})

test('a whole number has no fraction and no sign', () => {
  const wholes = ['12', '1.5', '-1', ''].map((text) => parseWhole(bytesOf(text), 0, text.length))

  expect(wholes).toEqual([12, Number.NaN, Number.NaN, Number.NaN])
})

test('columns are found, and one too many is noticed', () => {
  const starts = new Int32Array(3)
  const split = (text: string) =>
    splitColumns(bytesOf(text), { from: 0, to: text.length, separator: 44, starts })

  expect(['', 'a', 'a,b', 'a,b,c', 'a,b,c,d'].map(split)).toEqual([1, 1, 2, 3, 4])
})
