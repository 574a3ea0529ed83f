import type { RestOutcome } from '../broker/rest-client.ts'
import type { RestAnswer } from '../exchange/mapper.ts'
import type { AskFault } from './retry.ts'

/** An answer that can be used, or why there is none. */
export type JudgedAnswer<Value> =
  | { readonly ok: true; readonly value: Value }
  | {
      readonly ok: false
      readonly fault: AskFault
      readonly reason: string
      /** The whole answer, where it belongs to dead letters. */
      readonly deadLetter?: string
    }

/**
 * What came of a request. An exchange says errors in its status, in its body, or in both; an error page says nothing
 * but that it is one.
 */
export function judgeAnswer<Value>(
  outcome: RestOutcome,
  parse: (body: string) => RestAnswer<Value>,
): JudgedAnswer<Value> {
  if (!outcome.isAnswered) {
    // Too much is not what was asked for; waiting a little will not change it.
    const fault = outcome.fault === 'too_large' ? 'malformed' : 'unavailable'
    return { ok: false, fault, reason: outcome.reason }
  }
  const { status, body } = outcome
  if (status === 429 || status === 418 || status === 403) return failed('limited', status)
  const answer = parse(body)
  if (status >= 200 && status < 300) {
    if (answer.ok || answer.fault !== 'malformed') return answer
    return { ok: false, fault: 'malformed', reason: answer.reason, deadLetter: body }
  }
  const isSaid = !answer.ok && (answer.fault === 'unknown_symbol' || answer.fault === 'limited')
  return isSaid && status < 500 ? answer : failed('unavailable', status)
}

function failed(fault: AskFault, status: number): JudgedAnswer<never> {
  return { ok: false, fault, reason: `HTTP ${status}` }
}
