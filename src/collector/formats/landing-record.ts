import { parseDecimal } from './bytes.ts'
import type { ParseLine } from './candle.ts'
import { type KeyList, keyList, newSlots, scanLanding } from './landing-scan.ts'
import { epochMs, parseIsoUs, parsePlainIsoUs } from './time.ts'

/** The year 10000. */
const END_US = 253_402_300_800_000_000

/** Three of them fit into a line of Postgres's indexes, whatever their letters. */
const MOST_LETTERS = 200

/** Whether one of a record's names is longer than any name is. */
export function isTooLong(...names: readonly (string | undefined)[]): boolean {
  return names.some((name) => name !== undefined && name.length > MOST_LETTERS)
}

/** The values of one line after the other. */
export interface LandingRecord<Key extends string> {
  /** @returns why the line is no landing record, or undefined */
  read(bytes: Uint8Array, from: number, to: number): string | undefined
  text(key: Key): string | undefined
  number(key: Key): number
  /** NaN for what is no whole number. */
  whole(key: Key): number
  /** Whether it is there and not null. */
  has(key: Key): boolean
  timeUs(key: Key): number
  isTrue(key: Key): boolean
}

/** Members of a line, prepared to be found. */
export interface RecordKeys<Key extends string> {
  readonly keys: readonly Key[]
  readonly list: KeyList
  readonly indexByKey: Readonly<Record<Key, number>>
}

/** Prepares members; `.` is one of `fields`. */
export function recordKeys<Key extends string>(keys: readonly Key[]): RecordKeys<Key> {
  const indexes = Object.fromEntries(keys.map((key, i) => [key, i])) as Record<Key, number>
  return { keys, list: keyList(keys), indexByKey: indexes }
}

/**
 * Reads lines with these members, fastest where they come in this order with `raw` last.
 *
 * All other members are passed over.
 */
export function createRecord<Key extends string>({
  keys,
  list,
  indexByKey,
}: RecordKeys<Key>): LandingRecord<Key> {
  const slots = newSlots(list)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const lastTexts: string[] = keys.map(() => '')
  let line: Uint8Array = new Uint8Array(0)

  function text(key: Key): string | undefined {
    const i = indexByKey[key]
    const [start, end] = [slots.starts[i] as number, slots.ends[i] as number]
    if (start < 0 || slots.areTexts[i] === 0 || start === end) return undefined
    const last = lastTexts[i] as string
    // Names repeat from line to line.
    if (isAscii(line, start, end, last)) return last
    const value = decoder.decode(line.subarray(start, end))
    lastTexts[i] = value
    return value
  }
  function has(key: Key): boolean {
    const start = slots.starts[indexByKey[key]] as number
    return start >= 0 && (line[start] !== 0x6e || slots.areTexts[indexByKey[key]] === 1)
  }
  function number(key: Key): number {
    const i = indexByKey[key]
    const start = slots.starts[i] as number
    // No number begins as null does.
    if (start < 0 || line[start] === 0x6e) return Number.NaN
    return parseDecimal(line, start, slots.ends[i] as number)
  }
  return {
    text,
    number,
    has,
    whole(key) {
      const value = number(key)
      return Number.isSafeInteger(value) ? value : Number.NaN
    },
    timeUs(key) {
      const i = indexByKey[key]
      if ((slots.starts[i] as number) < 0) return Number.NaN
      if (slots.areTexts[i] === 0) return sane(epochMs(number(key)) * 1000)
      const plain = parsePlainIsoUs(line, slots.starts[i] as number, slots.ends[i] as number)
      return plain ?? parseIsoUs(text(key) ?? '')
    },
    // Of true, false and null only one begins so.
    isTrue: (key) =>
      (slots.starts[indexByKey[key]] as number) >= 0 &&
      line[slots.starts[indexByKey[key]] as number] === 0x74 &&
      slots.areTexts[indexByKey[key]] === 0,
    read(bytes, from, to) {
      line = bytes
      if (scanLanding(bytes, from, to, slots)) return undefined
      const rewritten = rewrite(decoder.decode(bytes.subarray(from, to)), keys)
      if (typeof rewritten === 'string') return rewritten
      line = rewritten
      return scanLanding(line, 0, line.length, slots) ? undefined : 'a text with quotes or backslashes'
    },
  }
}

/** NaN for a time that no database holds. */
function sane(us: number): number {
  return us < END_US ? us : Number.NaN
}

/** A reader that says so where the bytes are no UTF-8, instead of throwing. */
export function namingBadUtf8<Row>(parse: ParseLine<Row>): ParseLine<Row> {
  return (bytes, from, to, row) => {
    try {
      return parse(bytes, from, to, row)
    } catch (error) {
      if (error instanceof TypeError) return 'not UTF-8'
      throw error
    }
  }
}

function isAscii(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false
  return true
}

/** A line that is written in another way, as kx would write it; or why it is no record. */
function rewrite(text: string, keys: readonly string[]): Uint8Array | string {
  const line = parseRecord(text)
  if (typeof line === 'string') return line
  const { fields, ...record } = line
  const known = (values: Readonly<Record<string, unknown>>, prefix: '' | '.') =>
    Object.entries(values).filter(
      // A list or an object is no value that a record has, and may be too deep to write.
      ([key, value]) => key !== 'raw' && !isNested(value) && keys.includes(`${prefix}${key}`),
    )
  const ordered = { ...Object.fromEntries(known(record, '')), fields: Object.fromEntries(known(fields, '.')) }
  return new TextEncoder().encode(JSON.stringify(ordered))
}

/** A line as JSON; or why it is no record. */
export function parseRecord(text: string): ParsedRecord | string {
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch {
    return 'not JSON'
  }
  if (!isRecord(line) || !isRecord(line.fields)) return 'no landing record: fields is missing'
  return { ...line, fields: line.fields }
}

/** A line whose members were not looked at yet. */
export interface ParsedRecord {
  readonly [key: string]: unknown
  readonly fields: Readonly<Record<string, unknown>>
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
