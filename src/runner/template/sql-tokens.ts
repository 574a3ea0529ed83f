export type SqlTokenKind =
  | 'word'
  | 'quoted'
  | 'string'
  | 'number'
  | 'parameter'
  | 'placeholder'
  | 'symbol'
  | 'comment'

/** One token of SQL; white space has none. */
export interface SqlToken {
  readonly kind: SqlTokenKind
  readonly text: string
  /** Offset of its first character. */
  readonly start: number
}

/** Stand in for a name or bound while a template renders; private-use characters that no SQL holds. */
export const PLACEHOLDER_OPEN = '\uE000'
export const PLACEHOLDER_CLOSE = '\uE001'

const SPACE = /\s+/y
const TOKEN = new RegExp(
  [
    `(?<placeholder>${PLACEHOLDER_OPEN}\\d+${PLACEHOLDER_CLOSE})`,
    `(?<comment>--[^\\n]*|/\\*)`,
    `(?<string>[eE]'(?:[^'\\\\]|''|\\\\[\\s\\S])*'?|(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*'?)`,
    `(?<quoted>(?:[uU]&)?"(?:[^"]|"")*"?)`,
    `(?<word>[A-Za-z_\\u0080-\\uD7FF][\\w$\\u0080-\\uD7FF]*)`,
    `(?<number>0[xX][\\da-fA-F_]+|(?:\\d[\\d_]*\\.?[\\d_]*|\\.\\d[\\d_]*)(?:[eE][+-]?\\d+)?)`,
    `(?<parameter>\\$\\d+)`,
    `(?<dollar>\\$(?:[A-Za-z_\\u0080-\\uD7FF][\\w\\u0080-\\uD7FF]*)?\\$)`,
    `(?<symbol>[\\s\\S])`,
  ].join('|'),
  'y',
)

/**
 * The tokens of PostgreSQL's SQL, comments among them: nested comments, dollar quotes, `E''` and quoted names are
 * each one token. Operators come one character at a time.
 *
 * @see https://www.postgresql.org/docs/15/sql-syntax-lexical.html
 */
export function tokenizeSql(sql: string): SqlToken[] {
  const tokens: SqlToken[] = []
  let at = 0
  while (at < sql.length) {
    SPACE.lastIndex = at
    if (SPACE.test(sql)) {
      at = SPACE.lastIndex
      continue
    }
    const token = tokenAt(sql, at)
    tokens.push(token)
    at += token.text.length
  }
  return tokens
}

function tokenAt(sql: string, start: number): SqlToken {
  TOKEN.lastIndex = start
  const groups = TOKEN.exec(sql)?.groups ?? {}
  if (groups.dollar !== undefined)
    return { kind: 'string', text: dollarQuoted(sql, start, groups.dollar), start }
  if (groups.comment === '/*') return { kind: 'comment', text: blockComment(sql, start), start }
  for (const kind of KINDS) {
    const text = groups[kind]
    if (text !== undefined) return { kind, text, start }
  }
  return { kind: 'symbol', text: sql.charAt(start), start }
}

const KINDS = ['word', 'symbol', 'placeholder', 'string', 'number', 'quoted', 'comment', 'parameter'] as const

function dollarQuoted(sql: string, start: number, delimiter: string): string {
  const end = sql.indexOf(delimiter, start + delimiter.length)
  return end === -1 ? sql.slice(start) : sql.slice(start, end + delimiter.length)
}

/** PostgreSQL's block comments nest. */
function blockComment(sql: string, start: number): string {
  let depth = 1
  let at = start + 2
  while (at < sql.length && depth > 0) {
    const pair = sql.slice(at, at + 2)
    depth += pair === '/*' ? 1 : pair === '*/' ? -1 : 0
    at += pair === '/*' || pair === '*/' ? 2 : 1
  }
  return sql.slice(start, at)
}

/**
 * The tokens that mean something, one way to write each: without comments, unquoted words in lower case.
 * Two SQL texts with equal results here do the same.
 */
export function meaningOf(tokens: readonly SqlToken[], ofPlaceholder: (text: string) => string): string {
  const parts: string[] = []
  for (const { kind, text } of tokens) {
    if (kind === 'comment') continue
    if (kind === 'word') parts.push(text.toLowerCase())
    else parts.push(text.includes(PLACEHOLDER_OPEN) ? text.replace(PLACEHOLDER, ofPlaceholder) : text)
  }
  return parts.join('\u0000')
}

/** Every placeholder in a text. */
export const PLACEHOLDER = new RegExp(`${PLACEHOLDER_OPEN}\\d+${PLACEHOLDER_CLOSE}`, 'g')
