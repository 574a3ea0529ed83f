const WILDCARD = /[*?[\]]/

/** Whether `text` holds one of `* ? [ ]`. */
export function hasWildcard(text: string): boolean {
  return WILDCARD.test(text)
}

/**
 * A test of whole texts against a shell pattern: `*` any run, `?` one character, `[ab]` `[a-z]` one of a set,
 * `[!ab]` one outside it. Case counts. A `[` that is never closed is itself.
 *
 * @see https://docs.python.org/3/library/fnmatch.html
 */
export function fnmatch(pattern: string): (text: string) => boolean {
  if (!hasWildcard(pattern)) return (text) => text === pattern
  const regex = new RegExp(`^${patternSource(pattern, '.*', '.')}$`, 's')
  return (text) => regex.test(text)
}

/**
 * A test of paths against a glob, as Python's Path.glob finds them: `*` and `?` stay inside a folder, `**` is
 * any folders. A path below a folder that matches, matches.
 */
export function pathMatch(pattern: string): (path: string) => boolean {
  const parts = pattern.split('/').filter((part) => part !== '' && part !== '.')
  const last = parts.length - 1
  const source = parts.map((part, i) => folderSource(part, i === last)).join('')
  const regex = new RegExp(`^${source}(?:/.*)?$`, 's')
  return (path) => parts.length === 0 || regex.test(path)
}

function folderSource(part: string, isLast: boolean): string {
  if (part === '**') return isLast ? '.*' : '(?:[^/]+/)*'
  const source = patternSource(part, '[^/]*', '[^/]')
  return isLast ? source : `${source}/`
}

function patternSource(pattern: string, any: string, one: string): string {
  let source = ''
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? ''
    const set = char === '[' ? setAt(pattern, i) : undefined
    if (char === '*') source += any
    else if (char === '?') source += one
    else if (set === undefined) source += char.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    else {
      source += set.source
      i = set.end
    }
  }
  return source
}

/** The set that begins at `start`; a `]` right after `[` or `[!` belongs to it. */
function setAt(pattern: string, start: number): { source: string; end: number } | undefined {
  const isNegated = pattern[start + 1] === '!'
  const first = start + (isNegated ? 2 : 1)
  const end = pattern.indexOf(']', first + 1)
  if (end < 0) return undefined
  const body = setSource(pattern.slice(first, end))
  if (body === '') return { source: isNegated ? '.' : '(?!)', end }
  return { source: `[${isNegated ? '^' : ''}${body}]`, end }
}

/** The inside of a set for a regular expression; a range that runs backwards holds nothing. */
function setSource(set: string): string {
  let source = ''
  for (let i = 0; i < set.length; i++) {
    const from = set[i] ?? ''
    const to = set[i + 2]
    if (set[i + 1] !== '-' || to === undefined) {
      source += escapeInSet(from)
      continue
    }
    if (from <= to) source += `${escapeInSet(from)}-${escapeInSet(to)}`
    i += 2
  }
  return source
}

function escapeInSet(char: string): string {
  return char.replace(/[\\\]^[-]/g, '\\$&')
}
