import { expect, test } from 'vitest'
import { isRunning } from './is-running.ts'

test.each([
  ['this one', process.pid, true],
  ['the first one, which may be of another user', 1, true],
  ['a number that none has', 999_999_999, false],
  ['a number that none can have', 2 ** 40, false],
  ['no number', Number.NaN, false],
])('whether a process runs: %s', (_, processId, expected) => {
  expect(isRunning(processId)).toBe(expected)
})
