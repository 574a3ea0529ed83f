/** Where a value stands in a text: `[start, end)`. */
export interface Slice {
  readonly start: number
  readonly end: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN = 0x7b
const CLOSE = 0x7d
const SPACE = 0x20

/**
 * The members of the object that begins at or after `at`, as they stand in `json`; of two with one name the
 * last, as JSON.parse has it.
 *
 * @param json text that JSON.parse takes: nothing is checked again
 */
export function memberSlices(json: string, at: number): Map<string, Slice> {
  const slices = new Map<string, Slice>()
  let i = skipBlanks(json, skipBlanks(json, at) + 1)
  while (json.charCodeAt(i) === QUOTE) {
    const nameEnd = textEnd(json, i)
    const name = json.slice(i + 1, nameEnd - 1)
    const start = skipBlanks(json, skipBlanks(json, nameEnd) + 1)
    const end = valueEnd(json, start)
    slices.set(name.includes('\\') ? JSON.parse(`"${name}"`) : name, { start, end })
    i = nextItem(json, end)
  }
  return slices
}

/** The elements of the list that begins at or after `at`, as they stand in `json`: text that JSON.parse takes. */
export function elementSlices(json: string, at: number): Slice[] {
  const slices: Slice[] = []
  let start = skipBlanks(json, skipBlanks(json, at) + 1)
  while (start < json.length && json.charCodeAt(start) !== CLOSE_LIST) {
    const end = valueEnd(json, start)
    slices.push({ start, end })
    start = nextItem(json, end)
  }
  return slices
}

/** Where the next item begins after one that ended at `at`; past a comma, or at the bracket. */
function nextItem(json: string, at: number): number {
  const i = skipBlanks(json, at)
  return json.charCodeAt(i) === COMMA ? skipBlanks(json, i + 1) : i
}

/** JSON's own four blanks are all at or below the space, and nothing else outside of texts is. */
function skipBlanks(json: string, at: number): number {
  let i = at
  while (i < json.length && json.charCodeAt(i) <= SPACE) i++
  return i
}

function valueEnd(json: string, at: number): number {
  const first = json.charCodeAt(at)
  if (first === QUOTE) return textEnd(json, at)
  return first === OPEN || first === OPEN_LIST ? nestedEnd(json, at) : literalEnd(json, at)
}

/** Past the quote that ends the text which begins at `at`. */
function textEnd(json: string, at: number): number {
  let end = json.indexOf('"', at + 1)
  while (end > 0 && isEscaped(json, end)) end = json.indexOf('"', end + 1)
  return end < 0 ? json.length : end + 1
}

function isEscaped(json: string, at: number): boolean {
  let backslashes = 0
  while (json.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++
  return backslashes % 2 === 1
}

/** Counts brackets instead of calling itself: depth is the sender's to choose. */
function nestedEnd(json: string, at: number): number {
  let depth = 0
  let i = at
  while (i < json.length) {
    const code = json.charCodeAt(i)
    if (code === QUOTE) {
      i = textEnd(json, i)
      continue
    }
    if (code === OPEN || code === OPEN_LIST) depth++
    if (code === CLOSE || code === CLOSE_LIST) depth--
    i++
    if (depth === 0) return i
  }
  return i
}

function literalEnd(json: string, at: number): number {
  let i = at
  while (i < json.length) {
    const code = json.charCodeAt(i)
    if (code === COMMA || code === CLOSE || code === CLOSE_LIST || code <= SPACE) return i
    i++
  }
  return i
}
