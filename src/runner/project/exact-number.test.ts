import { expect, test } from 'vitest'
import { exactNumber } from './exact-number.ts'

test.each([
  ['1', 1],
  ['0.1', 0.1],
  ['1e-9', 1e-9],
  ['1.50', 1.5],
  ['-0.0', -0],
  ['100000000000000000000000', 1e23],
  ['0x1F', 31],
  ['9007199254740993', '9007199254740993'],
  ['0.1000000000000000055', '0.1000000000000000055'],
  ['123456789.123456789123', '123456789.123456789123'],
  ['1e400', 'Infinity'],
  ['.nan', 'NaN'],
])('%s is kept as %j', (source, kept) => {
  const value = source === '.nan' ? Number.NaN : Number(source)

  expect(exactNumber(value, source)).toBe(kept)
})
