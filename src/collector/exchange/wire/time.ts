import { isoOf } from '../../record/index.ts'
import { isPlausibleTime } from './candle.ts'

const DIGIT_0 = 0x30
const DOT = 0x2e
/** `2026-10-06T18:06:02`, to be followed by Z or a fraction and Z. */
const SECONDS = 19
const MARKS = /^....-..-..T..:..:..(?:\.\d{1,9})?Z$/

/**
 * ms since the epoch of an RFC 3339 time in UTC (`2026-10-06T18:06:02.264627814Z`), what is below a ms cut; NaN
 * if it is none, or no plausible one.
 */
export function utcMs(value: unknown): number {
  if (typeof value !== 'string' || !MARKS.test(value)) return Number.NaN
  const [year, month, day] = [digits(value, 0, 4), digits(value, 5, 7), digits(value, 8, 10)]
  const [hour, minute, second] = [digits(value, 11, 13), digits(value, 14, 16), digits(value, 17, 19)]
  if (!(day >= 1 && day <= daysOf(year, month) && hour < 24 && minute < 60 && second < 60)) return Number.NaN
  const ms = Date.UTC(year, month - 1, day, hour, minute, second) + fractionMs(value)
  return isPlausibleTime(ms) ? ms : Number.NaN
}

/** The same text with digits to the µs, which is as fine as bronze keeps it. `text`: one that `utcMs` takes. */
export function cutToMicros(text: string): string {
  const whole = SECONDS + '.uuuuuu'.length
  return text.length > whole + 1 ? `${text.slice(0, whole)}Z` : text
}

/** ISO 8601 of ms since the epoch; undefined if that is no plausible time. */
export function timeText(ms: unknown): string | undefined {
  return isPlausibleTime(ms) ? isoOf(ms) : undefined
}

function fractionMs(text: string): number {
  if (text.charCodeAt(SECONDS) !== DOT) return 0
  const places = Math.min(3, text.length - SECONDS - 2)
  return digits(text, SECONDS + 1, SECONDS + 1 + places) * 10 ** (3 - places)
}

/** 0 for a month that is none. */
function daysOf(year: number, month: number): number {
  if (!(month >= 1 && month <= 12)) return 0
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31
}

/** NaN if one is no digit. */
function digits(text: string, from: number, to: number): number {
  let value = 0
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - DIGIT_0
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return value
}
