/** What `--symbols` names, read: exact names and LIKE patterns, any case. */
export interface SymbolPatterns {
  /** In the order they were written, each once. */
  readonly terms: readonly SymbolTerm[]
}

export interface SymbolTerm {
  /** As it was written. */
  readonly text: string
  matches(name: string): boolean
}

/**
 * Reads `BTC/USD, eth%`: a list with commas, any case. A term with `%` (any text) or `_` (any character) is a LIKE
 * pattern without an escape, any other an exact name. Without a term in it: undefined, which is all symbols.
 */
export function parseSymbolPatterns(text: string | undefined): SymbolPatterns | undefined {
  const written = (text ?? '').split(',').map((term) => term.trim())
  const byFolded = new Map<string, string>()
  for (const term of written) {
    const folded = term.toLowerCase()
    if (term !== '' && !byFolded.has(folded)) byFolded.set(folded, term)
  }
  if (byFolded.size === 0) return undefined
  return { terms: [...byFolded].map(([folded, term]) => ({ text: term, matches: matcherOf(folded) })) }
}

/** Whether one of an instrument's names is meant; without patterns every one is. */
export function matchesSymbol(patterns: SymbolPatterns | undefined, names: readonly string[]): boolean {
  return patterns === undefined || patterns.terms.some((term) => names.some(term.matches))
}

/** Terms that mean none of the names, as they were written. */
export function unmatchedTerms(patterns: SymbolPatterns | undefined, names: readonly string[]): string[] {
  return (patterns?.terms ?? []).filter((term) => !names.some(term.matches)).map((term) => term.text)
}

function matcherOf(folded: string): (name: string) => boolean {
  if (!/[%_]/.test(folded)) return (name) => name.toLowerCase() === folded
  return (name) => isLike(name.toLowerCase(), folded)
}

/** SQL's LIKE. After a `%` that led nowhere only the last one is tried again: time goes with the product of lengths. */
function isLike(text: string, pattern: string): boolean {
  const [letters, signs] = [[...text], [...pattern]]
  let [at, sign] = [0, 0]
  let retry: { at: number; sign: number } | undefined
  while (at < letters.length) {
    if (signs[sign] === '%') {
      sign += 1
      retry = { at, sign }
    } else if (signs[sign] === '_' || (sign < signs.length && signs[sign] === letters[at])) {
      at += 1
      sign += 1
    } else if (retry) {
      retry = { at: retry.at + 1, sign: retry.sign }
      at = retry.at
      sign = retry.sign
    } else return false
  }
  return signs.slice(sign).every((rest) => rest === '%')
}
