/**
 * When an answer was made by the exchange's clock, ms: Date less Age; undefined: not said. Caches differ in whether
 * their Date is the origin's or their own, so the earlier of both is taken.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9111#name-calculating-age
 */
export function parseDate(headers: Readonly<Record<string, string>>): number | undefined {
  const dateMs = Date.parse(headers.date ?? '')
  if (Number.isNaN(dateMs)) return undefined
  const ageS = Number(headers.age ?? '0')
  return ageS > 0 && Number.isFinite(ageS) ? dateMs - ageS * 1000 : dateMs
}

/**
 * How long `Retry-After` asks to wait, ms: seconds, or an HTTP date seen from `nowMs`; undefined: not said.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function parseRetryAfter(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined || text.trim() === '') return undefined
  const seconds = Number(text)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const untilMs = Date.parse(text)
  return Number.isNaN(untilMs) ? undefined : Math.max(0, untilMs - nowMs)
}
