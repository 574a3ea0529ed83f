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
