const MIN_MS = 1e11 // 1973 in ms; as seconds it would be the year 5138
const MIN_US = 1e14
const MIN_NS = 1e17

/** ms since the epoch of a number in s, ms, µs or ns, told apart by its size; NaN if it has a part of a ms. */
export function epochMs(value: number): number {
  const ms =
    value < MIN_MS ? value * 1000 : value < MIN_US ? value : value < MIN_NS ? value / 1e3 : value / 1e6
  return Number.isInteger(ms) ? ms : Number.NaN
}

const ISO =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/

const DIGIT_0 = 0x30
const DASH = 0x2d
const DOT = 0x2e
const COLON = 0x3a
const T = 0x54
const Z = 0x5a
/** `2023-03-10T12:00:00` followed by Z or a fraction and Z: what kx itself writes, read without a pattern. */
const PLAIN = 19

/** µs since the epoch of an ISO 8601 time (UTC where it names no zone, digits past the µs cut), or NaN. */
export function parseIsoUs(text: string): number {
  const match = ISO.exec(text)
  if (!match) return Number.NaN
  const [, date, minute = '00:00', second = '00', fraction = '', zone] = match
  const ms = Date.parse(`${date}T${minute}:${second}${isoZone(zone)}`)
  return ms * 1000 + Number(fraction.slice(0, 6).padEnd(6, '0'))
}

function isoZone(zone: string | undefined): string {
  if (zone === undefined || zone === 'Z' || zone === 'UTC') return 'Z'
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0')
  return `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2)}`
}

/** µs since the epoch of a time as kx writes it, straight from a line's bytes; undefined if it is written otherwise. */
export function parsePlainIsoUs(bytes: Uint8Array, from: number, to: number): number | undefined {
  const last = to - from - 1
  if (last < PLAIN || bytes[to - 1] !== Z || bytes[from + 10] !== T) return undefined
  const year = digits(bytes, from, from + 4)
  const month = digits(bytes, from + 5, from + 7)
  const day = digits(bytes, from + 8, from + 10)
  const hour = digits(bytes, from + 11, from + 13)
  const minute = digits(bytes, from + 14, from + 16)
  const second = digits(bytes, from + 17, from + 19)
  // The ends of months are left to the calendar of the slower way.
  const isPlain =
    month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour < 24 && minute < 60 && second < 60
  if (!isPlain || !hasMarks(bytes, from)) return undefined
  const ms = Date.UTC(year, month - 1, day, hour, minute, second)
  if (last === PLAIN) return ms * 1000
  const places = last - PLAIN - 1
  if (bytes[from + PLAIN] !== DOT || places < 1 || places > 6) return undefined
  return ms * 1000 + digits(bytes, from + PLAIN + 1, from + PLAIN + 1 + places) * 10 ** (6 - places)
}

function hasMarks(bytes: Uint8Array, from: number): boolean {
  const [dash, colon] = [DASH, COLON]
  return (
    bytes[from + 4] === dash &&
    bytes[from + 7] === dash &&
    bytes[from + 13] === colon &&
    bytes[from + 16] === colon
  )
}

/** NaN if one is no digit. */
function digits(bytes: Uint8Array, from: number, to: number): number {
  let value = 0
  for (let i = from; i < to; i++) {
    const digit = (bytes[i] as number) - DIGIT_0
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return value
}
