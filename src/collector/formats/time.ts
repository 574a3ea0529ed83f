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

const DIGIT_0 = 48
/** `2023-03-10T12:00:00` followed by Z or a fraction and Z: what kx itself writes, read without a pattern. */
const PLAIN = 19

/** µs since the epoch of an ISO 8601 time (UTC where it names no zone, digits past the µs cut), or NaN. */
export function parseIsoUs(text: string): number {
  const plain = parsePlainUs(text)
  if (plain !== undefined) return plain
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

function parsePlainUs(text: string): number | undefined {
  const last = text.length - 1
  if (last < PLAIN || text[last] !== 'Z' || text[10] !== 'T' || text[13] !== ':' || text[16] !== ':')
    return undefined
  const [year, month, day] = [digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10)]
  const [hour, minute, second] = [digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19)]
  const isPlain =
    month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour < 24 && minute < 60 && second < 60
  if (!isPlain || text[4] !== '-' || text[7] !== '-') return undefined
  const ms = Date.UTC(year, month - 1, day, hour, minute, second)
  if (last === PLAIN) return ms * 1000
  const places = Math.min(last - PLAIN - 1, 6)
  if (text[PLAIN] !== '.' || places === 0 || last - PLAIN - 1 > 9) return undefined
  return ms * 1000 + digits(text, PLAIN + 1, PLAIN + 1 + places) * 10 ** (6 - places)
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
