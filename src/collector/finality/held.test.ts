import { expect, test } from 'vitest'
import { isAllHeld } from './held.ts'

/** `3:5` is minute 3 with 5 trades, `3:?0.7` one without a count and a volume of 0.7. */
function rowOf(text: string) {
  const [, minute, mark, figure = ''] = /^(\d+):(\??)(.+)$/.exec(text) ?? []
  const count = mark === '' ? figure : undefined
  return { startMs: Number(minute) * 60_000, prices: { volume: figure, tradeCount: count } }
}

test.each([
  ['3:5', '3:5', true, 'the minute is as it was'],
  ['3:5', '2:9 3:5 4:0 5:0', true, 'and quiet after it'],
  ['3:5', '3:6 4:0', false, 'the minute went on after the row'],
  ['3:5', '3:4 4:0', false, 'the answer knows less than we do'],
  ['3:5', '3:5 4:1', false, 'something was traded later'],
  ['3:5', '4:0 5:0', false, 'the minute itself is not in the answer'],
  ['3:5', '', false, 'an empty answer proves nothing'],
  ['3:?0.70', '3:?0.7', true, 'without counts the volume tells'],
  ['3:?0.7', '3:?0.8', false, 'without counts more volume is more trades'],
])('held %s, answered %s: %s, for %s', (held, answered, isAll) => {
  const { startMs, prices } = rowOf(held)
  const rows = answered.split(' ').filter(Boolean).map(rowOf)

  expect(isAllHeld({ startMs, ...prices }, rows)).toBe(isAll)
})

test('where nothing is held, nothing can be missed of it', () => {
  expect(isAllHeld(undefined, [rowOf('3:5')])).toBe(true)
})
