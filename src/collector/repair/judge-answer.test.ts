import { expect, test } from 'vitest'
import type { RestAnswer } from '../exchange/mapper.ts'
import { judgeAnswer } from './judge-answer.ts'

const says = (fault: Extract<RestAnswer<string>, { ok: false }>['fault']): RestAnswer<string> => ({
  ok: false,
  fault,
  reason: 'as it says',
})
const fine: RestAnswer<string> = { ok: true, value: 'rows' }

test.each<[number, RestAnswer<string>, string]>([
  [200, fine, 'rows'],
  [200, says('limited'), 'limited as it says'],
  [200, says('unknown_symbol'), 'unknown_symbol as it says'],
  [200, says('unavailable'), 'unavailable as it says'],
  [200, says('malformed'), 'malformed as it says, to dead letters'],
  [400, says('unknown_symbol'), 'unknown_symbol as it says'],
  [400, says('limited'), 'limited as it says'],
  [400, says('malformed'), 'unavailable HTTP 400'],
  [429, fine, 'limited HTTP 429'],
  [418, says('malformed'), 'limited HTTP 418'],
  [403, says('malformed'), 'limited HTTP 403'],
  [302, says('malformed'), 'unavailable HTTP 302'],
  [500, fine, 'unavailable HTTP 500'],
  [503, says('unknown_symbol'), 'unavailable HTTP 503'],
])('HTTP %i with %j is %s', (status, answer, expected) => {
  const outcome = {
    isAnswered: true,
    status,
    headers: {},
    body: 'text',
    dateMs: undefined,
    elapsedMs: 1,
  } as const
  const judged = judgeAnswer(outcome, () => answer)

  const letter = judged.ok || judged.deadLetter === undefined ? '' : ', to dead letters'
  expect(judged.ok ? judged.value : `${judged.fault} ${judged.reason}${letter}`).toBe(expected)
})

test.each([
  ['slow', 'unavailable'],
  ['unreachable', 'unavailable'],
  ['too_large', 'malformed'],
] as const)('no answer because it is %s is %s', (fault, expected) => {
  expect(judgeAnswer({ isAnswered: false, fault, reason: 'why' }, () => fine)).toEqual({
    ok: false,
    fault: expected,
    reason: 'why',
  })
})
