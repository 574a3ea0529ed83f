import { formatWindow } from '../model/index.ts'
import type { SqlToken } from './sql-tokens.ts'
import type { AskedFor } from './usage.ts'

/** The name that each relation has in the SQL; `needsAlias` if the text expects the bare one all the same. */
export interface BindingName {
  readonly name: string
  readonly needsAlias: boolean
}

/**
 * Names for what a template reads: the relation's own, if nothing else has it. Of one relation in two windows, the
 * one cut to the partition keeps it and the others say their window (`fact_ohlcv_24h`). A source whose name a model
 * has too says its schema. A name that the text gives a CTE of its own is numbered (`fact_ohlcv_2`).
 */
export function nameBindings(
  asked: readonly AskedFor[],
  tokens: readonly SqlToken[],
): ReadonlyMap<AskedFor, BindingName> {
  const cteNames = definedNames(tokens)
  const taken = new Set(cteNames)
  const names = new Map<AskedFor, BindingName>()
  for (const one of [...asked].sort(byClaim)) {
    const wanted = wantedName(one, asked)
    const name = firstFree(wanted, taken)
    taken.add(name)
    names.set(one, { name, needsAlias: cteNames.has(wanted) })
  }
  return names
}

/** Own windows first, then by what they are, so that the order in the text decides nothing. */
function byClaim(a: AskedFor, b: AskedFor): number {
  const rank = (one: AskedFor) =>
    `${one.edge.window === 'own' ? 0 : 1} ${one.edge.kind} ${formatWindow(one.edge.window)}`
  return rank(a) < rank(b) ? -1 : 1
}

function wantedName(one: AskedFor, asked: readonly AskedFor[]): string {
  const rivals = asked.filter((other) => other !== one && other.name === one.name)
  if (rivals.length === 0) return one.name
  const isShadowed = one.edge.kind === 'source' && rivals.some(({ edge }) => edge.kind !== 'source')
  const base = isShadowed ? `${one.schema}_${one.name}` : one.name
  const hasTwin = rivals.some(({ edge }) => edge.parent === one.edge.parent)
  return hasTwin && one.edge.window !== 'own' ? `${base}_${windowSuffix(one)}` : base
}

function windowSuffix({ edge }: AskedFor): string {
  const window = formatWindow(edge.window)
    .replace('..-', '_before_')
    .replace('..', '_')
    .replace('-', 'minus_')
  return edge.kind === 'previous' ? `previous_${window}` : window
}

function firstFree(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted
  let number = 2
  while (taken.has(`${wanted}_${number}`)) number++
  return `${wanted}_${number}`
}

/** Names that the text, without its comments, gives to its own CTEs: `x as (`, `x as materialized (`, `x (a, b) as (`. */
function definedNames(tokens: readonly SqlToken[]): Set<string> {
  const names = new Set<string>()
  for (let i = 0; i < tokens.length; i++) {
    if (!isWord(tokens[i], 'as') || !opensCte(tokens, i + 1)) continue
    const name = nameBefore(tokens, i - 1)
    if (name !== undefined) names.add(name)
  }
  return names
}

function opensCte(tokens: readonly SqlToken[], at: number): boolean {
  const start = isWord(tokens[at], 'not') ? at + 1 : at
  return tokens[isWord(tokens[start], 'materialized') ? start + 1 : start]?.text === '('
}

function nameBefore(tokens: readonly SqlToken[], at: number): string | undefined {
  let end = at
  if (tokens[end]?.text === ')') {
    for (let depth = 0; end >= 0; end--) {
      depth += tokens[end]?.text === ')' ? 1 : tokens[end]?.text === '(' ? -1 : 0
      if (depth === 0) break
    }
    end--
  }
  const token = tokens[end]
  if (token?.kind === 'word') return token.text.toLowerCase()
  return token?.kind === 'quoted' ? token.text.slice(1, -1) : undefined
}

/** Whether a token is the unquoted word, in any case. */
export function isWord(token: SqlToken | undefined, word: string): boolean {
  return (
    token?.kind === 'word' &&
    token.text.length === word.length &&
    (token.text === word || token.text.toLowerCase() === word)
  )
}
