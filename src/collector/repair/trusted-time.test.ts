import { expect, test } from 'vitest'
import { trustedTime } from './trusted-time.ts'

const MINUTE_MS = 60_000
const startMs = Date.UTC(2024, 4, 1)
const newest = { startMs, intervalMs: MINUTE_MS }
const after = (minutes: number) => startMs + minutes * MINUTE_MS

test.each<[number | undefined, number, string]>([
  [after(0.5), after(0.5), 'while it runs'],
  [after(1.5), after(1.5), 'when it just ended'],
  [after(3), after(2) - 1, 'when it should no longer be the newest: the Date may be ahead'],
  [after(61), after(2) - 1, 'with a Date an hour ahead'],
  [after(200), after(200), 'hours later, when no clock explains it'],
  [undefined, Number.NEGATIVE_INFINITY, 'without a time'],
])('the newest row of an answer asked for at %s is judged at %s: %s', (askedAtMs, expected) => {
  expect(trustedTime(newest, askedAtMs)).toBe(expected)
})

test('an answer without rows makes nothing final', () => {
  expect(trustedTime(undefined, after(200))).toBe(Number.NEGATIVE_INFINITY)
})
