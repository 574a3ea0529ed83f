/**
 * One event as a line of JSON: `type` first, keys in snake_case at any depth, times as ISO 8601 (`fromMs` becomes
 * `from`, `durationMs` stays a number: `duration_ms`), errors as code, message, hint and place.
 *
 * @param type in full, such as `load.summary`
 */
export function eventLine(type: string, fields: object): string {
  const { type: _, ...rest } = plain(fields) as Readonly<Record<string, unknown>>
  return JSON.stringify({ type: type.replaceAll('-', '_'), ...rest })
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Error) return errorJson(value)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => plainEntry(key, inner)))
}

/** Moments among the keys in milliseconds; the others are lengths of time. */
const MOMENT = /^(start|end|from|to|hour|\w+(?:At|From|To|Start|End))Ms$/

function plainEntry(key: string, value: unknown): [string, unknown] {
  const moment = MOMENT.exec(key)?.[1]
  if (moment === undefined || typeof value !== 'number') return [snakeCase(moment ?? key), plain(value)]
  return [snakeCase(moment), Number.isFinite(value) ? new Date(value).toISOString() : null]
}

/** Names of kx only: a symbol or an environment variable that is a key stays as it is. */
function snakeCase(key: string): string {
  if (!/^[a-z]+([A-Z][a-z0-9]*)+$/.test(key)) return key
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** An Error's fields are not enumerable: JSON would show an empty object. */
function errorJson(error: Error): object {
  const { code, hint, at } = error as { code?: unknown; hint?: unknown; at?: unknown }
  return { code, message: error.message, hint, at }
}
