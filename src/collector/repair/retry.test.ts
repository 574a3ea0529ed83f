import { expect, test } from 'vitest'
import { againAfterMs, faultWaitMs } from './retry.ts'

const MINUTE_MS = 60_000

test('a minute is asked for at once, then after a minute, 10 minutes, an hour and six, then reported', () => {
  expect([0, 1, 2, 3, 4, 5].map(againAfterMs)).toEqual([
    0,
    MINUTE_MS,
    10 * MINUTE_MS,
    60 * MINUTE_MS,
    360 * MINUTE_MS,
    undefined,
  ])
})

test.each([
  ['limited', 7, 0],
  ['unknown_symbol', 1, 60 * MINUTE_MS],
  ['unavailable', 1, 5000],
  ['unavailable', 2, 10_000],
  ['unavailable', 50, 5 * MINUTE_MS],
  ['malformed', 1, MINUTE_MS],
  ['malformed', 50, 60 * MINUTE_MS],
] as const)('after %s, %i times in a row, an exchange is left alone for %i ms', (fault, times, expected) => {
  expect(faultWaitMs(fault, times)).toBe(expected)
})
