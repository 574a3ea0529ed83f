import fc from 'fast-check'
import { expect, test } from 'vitest'
import { epochMs, parseIsoUs, parsePlainIsoUs } from './time.ts'

test.each([
  [1_678_449_600, 'seconds'],
  [1_678_449_600_000, 'ms'],
  [1_678_449_600_000_000, 'µs'],
  [1_678_449_600_000_000_000, 'ns'],
])('%d is a time in %s', (value) => {
  expect(epochMs(value)).toBe(Date.UTC(2023, 2, 10, 12))
})

test.each([
  ['2023-03-10T12:00:00Z', 0],
  ['2023-03-10T12:00:00.000Z', 0],
  ['2023-03-10T12:00:00.5Z', 500_000],
  ['2023-03-10T12:00:00.123456789Z', 123_456],
  ['2023-03-10 12:00:00', 0],
  ['2023-03-10 12:00', 0],
  ['2023-03-10T13:00:00+01:00', 0],
  ['2023-03-10T07:00:00-05', 0],
  ['2023-03-10 12:00:00 UTC', 0],
])('%s is a time in UTC', (text, us) => {
  expect(parseIsoUs(text)).toBe(Date.UTC(2023, 2, 10, 12) * 1000 + us)
})

test.each(['', 'now', '2023-13-10T12:00:00Z', '10.03.2023', '2023-03-10T12:00:00X', '2023-03-1aT12:00:00Z'])(
  '%j is no time',
  (text) => {
    expect(parseIsoUs(text)).toBeNaN()
  },
)

test('every time that kx writes is read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), (ms) => {
      const text = new Date(ms).toISOString()
      const bytes = new TextEncoder().encode(text)

      expect(parseIsoUs(text)).toBe(ms * 1000)
      expect(parsePlainIsoUs(bytes, 0, bytes.length) ?? ms * 1000).toBe(ms * 1000)
    }),
  )
})
