import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countMinutes, MINUTE_MS, rangesOfMinutes } from './minute-ranges.ts'
import {
  dueMinutes,
  type OpenMinutes,
  withAnswered,
  withGivenUp,
  withOpen,
  withoutFinal,
  withUnread,
} from './open-minutes.ts'

const minutes = (...some: number[]) => rangesOfMinutes(some.map((minute) => minute * MINUTE_MS))
const after = (minute: number) => minute * MINUTE_MS

/** `0-3×1@10`: minutes, how often asked, when due. */
function shown(open: OpenMinutes): string[] {
  return open.map(
    ({ fromMs, toMs, asked, dueMs }) =>
      `${fromMs / MINUTE_MS}-${toMs / MINUTE_MS}×${asked}${dueMs === undefined ? '' : `@${dueMs / MINUTE_MS}`}`,
  )
}

test('minutes that come up are due at once, those that were asked for keep their place', () => {
  const open = withAnswered(withOpen([], minutes(1, 2), 0), minutes(2), after(5))

  expect(shown(withOpen(open, minutes(0, 1, 2, 3), after(7)))).toEqual([
    '0-1×0@7',
    '1-2×0@0',
    '2-3×1@6',
    '3-4×0@7',
  ])
})

test('a minute that no answer holds is asked for again later and later, and then stays open', () => {
  let open: OpenMinutes = withOpen([], minutes(1), 0)
  const seen: string[][] = []
  for (const atMinute of [0, 1, 11, 71, 431]) {
    open = withAnswered(open, minutes(1), after(atMinute))
    seen.push(shown(open))
  }

  expect(seen).toEqual([['1-2×1@1'], ['1-2×2@11'], ['1-2×3@71'], ['1-2×4@431'], ['1-2×5']])
  expect(dueMinutes(open, Number.MAX_SAFE_INTEGER)).toEqual([])
})

test('a minute of which no answer is understood is asked for again later and later, and for ever', () => {
  let open: OpenMinutes = withOpen([], minutes(1), 0)
  const seen: string[][] = []
  for (const atMinute of [0, 1, 11, 71, 431, 791]) {
    open = withUnread(open, minutes(1), after(atMinute))
    seen.push(shown(open))
  }

  expect(seen.slice(2)).toEqual([['1-2×3@71'], ['1-2×4@431'], ['1-2×4@791'], ['1-2×4@1151']])
})

test('minutes that are final are no longer open, whatever was asked before', () => {
  const some = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 20 })
  fc.assert(
    fc.property(some, some, some, (opened, answered, final) => {
      const open = withAnswered(withOpen([], minutes(...opened), 0), minutes(...answered), 0)
      const left = opened.filter((minute) => !final.includes(minute))

      expect(countMinutes(withoutFinal(open, minutes(...final)))).toBe(left.length)
      expect(dueMinutes(withoutFinal(open, minutes(...final)), 0)).toEqual(
        minutes(...left.filter((minute) => !answered.includes(minute))),
      )
    }),
  )
})

test('minutes that nothing can give stay open without being asked for', () => {
  const open = withGivenUp(withOpen([], minutes(1, 2, 3), 0), minutes(2))

  expect(shown(open)).toEqual(['1-2×0@0', '2-3×0', '3-4×0@0'])
})
