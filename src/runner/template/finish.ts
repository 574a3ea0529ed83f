import { identifier } from '../../base/index.ts'
import { type BoundParameter, formatWindow, type RenderedSql } from '../model/index.ts'
import { type BindingName, isWord, nameBindings } from './binding-names.ts'
import { mayHoldPlaceholder, meaningOf, PLACEHOLDER, type SqlToken, tokenizeSql } from './sql-tokens.ts'
import { isClause, sqlName } from './sql-words.ts'
import {
  type AskedFor,
  END_PLACEHOLDER,
  relationOf,
  START_PLACEHOLDER,
  THIS_PLACEHOLDER,
  type Usage,
} from './usage.ts'

/** A template's text before names are chosen, and what it used. */
export interface RawSql {
  readonly text: string
  readonly usage: Usage
  /** Schema and name behind `{{ this }}`. */
  readonly self: { readonly schema: string; readonly name: string } | undefined
}

/** One placeholder and what took its place; offsets in the raw text. */
export interface Replacement {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** SQL with its names, and how it came from the raw text. */
export interface FinishedSql extends Pick<RenderedSql, 'sql' | 'bindings' | 'parameters'> {
  /** The tokens of the raw text that mean something. */
  readonly tokens: readonly SqlToken[]
  readonly replacements: readonly Replacement[]
  /** Where `sql` begins in the raw text. */
  readonly rawStart: number
  /** What the SQL means, names of bindings and target aside: the input of the code hash. */
  readonly meaning: string
  readonly asked: readonly AskedFor[]
}

/** Chooses names and parameter numbers, and cuts white space and a last semicolon. */
export function finishSql({ text, usage, self }: RawSql): FinishedSql {
  const all = tokenizeSql(text)
  const tokens = all.filter(({ kind }) => kind !== 'comment')
  const asked = relationsRead(tokens, usage)
  const names = nameBindings(asked, tokens)
  const parameters: BoundParameter[] = []
  const replacements = all.flatMap((token, i) => {
    if (!mayHoldPlaceholder(token)) return []
    const written = (placeholder: string) =>
      replacementFor(placeholder, { token, next: all[i + 1], names, parameters, usage, self })
    return [...token.text.matchAll(PLACEHOLDER)].map((match) => {
      const start = token.start + match.index
      return { start, end: start + match[0].length, text: written(match[0]) }
    })
  })
  const { start, end } = significantRange(all, tokens)
  return {
    sql: replaced(text, replacements, start, end),
    bindings: asked.map((one) => ({ name: names.get(one)?.name ?? one.name, edge: one.edge })),
    parameters,
    tokens,
    replacements,
    rawStart: start,
    meaning: meaningOf(tokens.at(-1)?.text === ';' ? tokens.slice(0, -1) : tokens, (placeholder) =>
      meaningOfPlaceholder(placeholder, usage),
    ),
    asked,
  }
}

/** In the order of the text; what only a comment names is not read. */
function relationsRead(tokens: readonly SqlToken[], usage: Usage): AskedFor[] {
  const read = new Set<AskedFor>()
  for (const { kind, text } of tokens) {
    if (kind === 'word' || kind === 'symbol' || kind === 'comment') continue
    for (const [placeholder] of text.matchAll(PLACEHOLDER)) {
      const asked = relationOf(usage, placeholder)
      if (asked !== undefined) read.add(asked)
    }
  }
  return [...read]
}

interface ReplacementContext {
  readonly token: SqlToken
  readonly next: SqlToken | undefined
  readonly names: ReadonlyMap<AskedFor, BindingName>
  readonly parameters: BoundParameter[]
  readonly usage: Usage
  readonly self: RawSql['self']
}

function replacementFor(placeholder: string, context: ReplacementContext): string {
  const { token, next, names, parameters, usage, self } = context
  if (placeholder === START_PLACEHOLDER || placeholder === END_PLACEHOLDER) {
    const from = placeholder === START_PLACEHOLDER ? 'start' : 'end'
    return token.kind === 'comment'
      ? `partition.${from}`
      : `$${parameterNumber(parameters, from)}::timestamptz`
  }
  if (placeholder === THIS_PLACEHOLDER)
    return self === undefined ? 'this' : identifier(self.schema, self.name)
  const asked = relationOf(usage, placeholder)
  if (asked === undefined) return placeholder
  const named = names.get(asked)
  if (named === undefined) return asked.name
  const alias =
    named.needsAlias && token.kind === 'placeholder' && !hasAlias(next) ? ` as ${sqlName(asked.name)}` : ''
  return sqlName(named.name) + alias
}

function parameterNumber(parameters: BoundParameter[], from: 'start' | 'end'): number {
  const found = parameters.findIndex((parameter) => parameter.from === from)
  return found === -1 ? parameters.push({ from, offsetMs: 0 }) : found + 1
}

function hasAlias(next: SqlToken | undefined): boolean {
  if (next === undefined) return false
  if (next.kind === 'quoted' || next.text === '.' || isWord(next, 'as')) return true
  return next.kind === 'word' && !isClause(next.text.toLowerCase())
}

/** From the first comment or token to the last token but a closing semicolon. */
function significantRange(
  all: readonly SqlToken[],
  tokens: readonly SqlToken[],
): { start: number; end: number } {
  const last = tokens.at(-1)
  const kept = last?.text === ';' ? tokens.at(-2) : last
  const start = all[0]?.start ?? 0
  return { start, end: kept === undefined ? start : kept.start + kept.text.length }
}

function replaced(text: string, replacements: readonly Replacement[], start: number, end: number): string {
  let sql = ''
  let at = start
  for (const replacement of replacements) {
    if (replacement.start >= end) break
    sql += text.slice(at, replacement.start) + replacement.text
    at = replacement.end
  }
  return sql + text.slice(at, end)
}

/** Refs count by name, so that moving a model to another folder changes nothing. */
function meaningOfPlaceholder(placeholder: string, usage: Usage): string {
  const asked = relationOf(usage, placeholder)
  if (asked === undefined) return `{${placeholder.slice(1, -1)}}`
  const window = formatWindow(asked.edge.window)
  if (asked.edge.kind === 'previous') return `{previous ${window}}`
  return asked.edge.kind === 'ref'
    ? `{ref ${asked.name} ${window}}`
    : `{source ${asked.edge.parent} ${window}}`
}
