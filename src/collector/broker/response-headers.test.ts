import { expect, test } from 'vitest'
import { parseDate, parseRetryAfter } from './response-headers.ts'

const DATE = 'Sat, 21 Nov 2026 16:00:00 GMT'
const dateMs = Date.UTC(2026, 10, 21, 16)

test.each<[Record<string, string>, number | undefined, string]>([
  [{ date: DATE }, dateMs, 'as it is said'],
  [{ date: DATE, age: '12' }, dateMs - 12_000, 'kept by a cache for 12 s'],
  [{ date: DATE, age: 'a while' }, dateMs, 'with an age nobody understands'],
  [{ date: 'yesterday' }, undefined, 'that is no date'],
  [{}, undefined, 'not at all'],
])('the exchange’s time read from %j is %s: %s', (headers, expected) => {
  expect(parseDate(headers)).toBe(expected)
})

test.each([
  ['30', 30_000],
  ['0', 0],
  ['-5', 0],
  ['Sat, 21 Nov 2026 16:02:00 GMT', 120_000],
  ['Sat, 21 Nov 2026 15:00:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
])('Retry-After: %s waits %s ms', (text, expected) => {
  expect(parseRetryAfter(text, dateMs)).toBe(expected)
})
