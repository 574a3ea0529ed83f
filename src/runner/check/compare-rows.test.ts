import { expect, test } from 'vitest'
import { type Cells, compareRows } from './compare-rows.ts'

const rows = (text: string): Cells[] =>
  text
    .split(' ')
    .filter(Boolean)
    .map((row) => row.split(','))

test.each([
  ['a,1 b,2', 'b,2 a,1', 'same'],
  ['a,1 a,1', 'a,1', '− a,1'],
  ['a,1', 'a,1 a,1', '+ a,1'],
  ['a,1 b,2', 'a,1 b,3', '≠ b,2 b,3'],
  ['a,1', 'b,2', '− a,1 + b,2'],
  ['', 'a,1', '+ a,1'],
  ['a,1', '', '− a,1'],
])('expected [%s], got [%s]: %s', (expected, actual, told) => {
  const comparison = { columns: ['name', 'value'], isOrdered: false, key: ['name'] }

  const difference = compareRows({ ...comparison, expected: rows(expected), actual: rows(actual) })

  expect(difference === undefined ? 'same' : textOf(difference)).toBe(told)
})

test('without a key, rows that have most cells in common are shown side by side', () => {
  const comparison = { columns: ['at', 'name', 'value'], isOrdered: false, key: ['id'] }

  const difference = compareRows({
    ...comparison,
    expected: rows('1,a,5 2,b,6'),
    actual: rows('2,b,7 9,z,9'),
  })

  expect(difference && textOf(difference)).toBe('≠ 2,b,6 2,b,7 − 1,a,5 + 9,z,9')
})

test('the right rows in another order differ only where order counts', () => {
  const sides = { columns: ['name'], key: [], expected: rows('a b'), actual: rows('b a') }

  expect(compareRows({ ...sides, isOrdered: false })).toBeUndefined()
  expect(compareRows({ ...sides, isOrdered: true })).toMatchObject({ isOrderOnly: true })
})

function textOf({ different, missing, unexpected }: NonNullable<ReturnType<typeof compareRows>>): string {
  return [
    ...different.map(({ expected, actual }) => `≠ ${expected} ${actual}`),
    ...missing.map((row) => `− ${row}`),
    ...unexpected.map((row) => `+ ${row}`),
  ].join(' ')
}
