/** A JSON object of unknown members. */
export type JsonRecord = Readonly<Record<string, unknown>>

/** What `text` says; undefined if it is no JSON. Depth and size do not matter. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether `value` is an object, and no list. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `value` if it is a text, else undefined. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** `value` if it is a whole number of 0 or more that a double holds, else undefined. */
export function wholeOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

/** A number or text as text; a list or object is only named: turning it into text can fail. */
export function shown(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
