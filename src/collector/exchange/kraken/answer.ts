import type { RestAnswer } from '../mapper.ts'
import { failed } from '../wire/frame.ts'
import { isRecord, type JsonRecord, parseJson, shown } from '../wire/json.ts'

/**
 * `result` of an answer. Kraken says errors with HTTP 200: `{"error":["EGeneral:Too many requests"]}`.
 *
 * @see https://docs.kraken.com/api/docs/guides/spot-errors
 */
export function resultOf(body: string): RestAnswer<JsonRecord> {
  const answer = parseJson(body)
  if (!isRecord(answer) || !Array.isArray(answer.error)) return failed('malformed', 'not an answer of Kraken')
  if (answer.error.length > 0) return errorOf(answer.error.map(shown).join(', '))
  return isRecord(answer.result)
    ? { ok: true, value: answer.result }
    : failed('malformed', 'an answer without a result')
}

/** The only key that is not `last`: what Kraken calls a pair here is neither what was asked nor what v2 says. */
export function pairKeyOf(result: JsonRecord): string | undefined {
  const keys = Object.keys(result).filter((key) => key !== 'last')
  return keys.length === 1 ? keys[0] : undefined
}

function errorOf(reason: string): RestAnswer<never> {
  if (/too many requests|rate limit|throttled|lockout/i.test(reason)) return failed('limited', reason)
  if (/unknown asset pair/i.test(reason)) return failed('unknown_symbol', reason)
  return failed(/invalid arguments|unknown method/i.test(reason) ? 'malformed' : 'unavailable', reason)
}
