import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  commonRanges,
  countMinutes,
  joinRanges,
  MINUTE_MS,
  type MinuteRange,
  rangesOfMinutes,
  subtractRanges,
} from './minute-ranges.ts'

const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 30 })
const ms = (of: readonly number[]) => of.map((minute) => minute * MINUTE_MS)

/** The minutes that a list holds, one by one. */
function spelled(ranges: readonly MinuteRange[]): number[] {
  return ranges.flatMap(({ fromMs, toMs }) =>
    Array.from({ length: (toMs - fromMs) / MINUTE_MS }, (_, i) => fromMs / MINUTE_MS + i),
  )
}
const sorted = (of: readonly number[]) => [...of].sort((a, b) => a - b)

test('minutes in any order become ranges and are the same minutes again', () => {
  fc.assert(
    fc.property(minutes, (some) => {
      const ranges = rangesOfMinutes(ms(some))

      expect(spelled(ranges)).toEqual(sorted(some))
      expect(countMinutes(ranges)).toBe(some.length)
      expect(ranges.every(({ fromMs }, i) => i === 0 || fromMs > (ranges[i - 1]?.toMs ?? 0))).toBe(true)
    }),
  )
})

test('what is taken away is gone, what is common is in both, minute by minute', () => {
  fc.assert(
    fc.property(minutes, minutes, (some, others) => {
      const [a, b] = [rangesOfMinutes(ms(some)), rangesOfMinutes(ms(others))]

      expect(spelled(subtractRanges(a, b))).toEqual(sorted(some.filter((one) => !others.includes(one))))
      expect(spelled(commonRanges(a, b))).toEqual(sorted(some.filter((one) => others.includes(one))))
      expect(spelled(joinRanges([...a, ...b]))).toEqual(sorted([...new Set([...some, ...others])]))
    }),
  )
})

test('a range that ends before it begins holds nothing', () => {
  expect(joinRanges([{ fromMs: 60_000, toMs: 0 }])).toEqual([])
})
