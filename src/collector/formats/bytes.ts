const DOT = 0x2e
const MINUS = 0x2d
const QUOTE = 0x22
const ZERO = 0x30

/** 10^0 … 10^22: those that a double holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent)
const MAX_EXACT = (Number.MAX_SAFE_INTEGER - 9) / 10
const DECIMAL = /^-?\d+(\.\d*)?([eE][+-]?\d{1,3})?$/

/**
 * Where the columns of `bytes[from, to)` begin, into `starts`; column i is `[starts[i], starts[i + 1] - 1)`.
 *
 * @returns how many there are; more than `starts.length - 1` if the line has more than that
 */
export function splitColumns(
  bytes: Uint8Array,
  { from, to, separator, starts }: { from: number; to: number; separator: number; starts: Int32Array },
): number {
  let count = 1
  const last = starts.length - 1
  starts[0] = from
  for (let i = from; i < to; i++) {
    if (bytes[i] !== separator) continue
    if (count > last) return count + 1
    starts[count++] = i + 1
  }
  if (count <= last) starts[count] = to + 1
  return count
}

/**
 * The decimal number in `bytes[from, to)`, correctly rounded as Postgres reads it; NaN if it is none.
 *
 * Up to 15 digits are one exact division; longer ones go through the engine's own parser.
 */
export function parseDecimal(bytes: Uint8Array, from: number, to: number): number {
  let at = from
  const isNegative = bytes[at] === MINUS
  if (isNegative) at++
  let mantissa = 0
  let point = -1
  for (let i = at; i < to; i++) {
    const digit = (bytes[i] as number) - ZERO
    if (digit >= 0 && digit <= 9) {
      if (mantissa > MAX_EXACT) return parseLong(bytes, from, to)
      mantissa = mantissa * 10 + digit
    } else if (bytes[i] === DOT && point < 0 && i > at) point = i
    else return parseLong(bytes, from, to)
  }
  if (at === to) return Number.NaN
  const places = point < 0 ? 0 : to - point - 1
  const power = POWERS[places]
  if (power === undefined) return parseLong(bytes, from, to)
  return isNegative ? -mantissa / power : mantissa / power
}

function parseLong(bytes: Uint8Array, from: number, to: number): number {
  return parseDecimalText(textOf(bytes, from, to))
}

/** The decimal number that `text` is (no hex, no spaces, no empty text), or NaN. */
export function parseDecimalText(text: string): number {
  if (text.length > 400 || !DECIMAL.test(text)) return Number.NaN
  const value = Number(text)
  return Number.isFinite(value) ? value : Number.NaN
}

/** The whole number of 0 or more in `bytes[from, to)`, or NaN. */
export function parseWhole(bytes: Uint8Array, from: number, to: number): number {
  const value = parseDecimal(bytes, from, to)
  return Number.isSafeInteger(value) && value >= 0 ? value : Number.NaN
}

/** The bytes as Latin-1 text: digits, signs and ASCII names survive, which is all that a number needs. */
function textOf(bytes: Uint8Array, from: number, to: number): string {
  let text = ''
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i] as number)
  return text
}

/** A column's text without blanks and quotes around it. */
export function columnText(bytes: Uint8Array, from: number, to: number): string {
  let [start, end] = [from, to]
  while (start < end && (bytes[start] as number) <= 0x20) start++
  while (end > start && (bytes[end - 1] as number) <= 0x20) end--
  if (end - start >= 2 && bytes[start] === QUOTE && bytes[end - 1] === QUOTE)
    [start, end] = [start + 1, end - 1]
  return textOf(bytes, start, end)
}
