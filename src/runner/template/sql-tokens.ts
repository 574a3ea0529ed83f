type SqlTokenKind =
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

/** Every placeholder in a text. */
export const PLACEHOLDER = new RegExp(`${PLACEHOLDER_OPEN}\\d+${PLACEHOLDER_CLOSE}`, 'g')

const SPACE = 1
const WORD_START = 2
const DIGIT = 4
const OPEN_CODE = PLACEHOLDER_OPEN.charCodeAt(0)

/** What each ASCII character can be. */
const CLASSES = new Uint8Array(128)
for (const character of ' \t\n\r\f\v') CLASSES[character.charCodeAt(0)] = SPACE
for (const character of '0123456789') CLASSES[character.charCodeAt(0)] = DIGIT
for (const character of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_') {
  CLASSES[character.charCodeAt(0)] = WORD_START
}

function classOf(code: number): number {
  if (code < 128) return CLASSES[code] ?? 0
  if (code === 0xa0 || code === 0xfeff) return SPACE
  return code < OPEN_CODE ? WORD_START : 0
}

const ESCAPED = /'(?:[^'\\]|''|\\[\s\S])*'?/y
const PLAIN = /'(?:[^']|'')*'?/y
const QUOTED = /"(?:[^"]|"")*"?/y
const NUMBER = /0[xX][\da-fA-F_]+|(?:\d[\d_]*(?:\.(?!\.)[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y
const DOLLAR = /\$(?:[A-Za-z_\u0080-\uD7FF][\w\u0080-\uD7FF]*)?\$/y
const PARAMETER = /\$\d+/y

/**
 * The tokens of PostgreSQL's SQL, comments among them: nested comments, dollar quotes, `E''` and quoted names are
 * each one token. Operators come one character at a time.
 *
 * @see https://www.postgresql.org/docs/15/sql-syntax-lexical.html
 */
export function tokenizeSql(sql: string): SqlToken[] {
  const tokens: SqlToken[] = []
  let start = 0
  while (start < sql.length) {
    const characterClass = classOf(sql.charCodeAt(start))
    if (characterClass === SPACE) {
      start++
      continue
    }
    const token = characterClass === WORD_START ? wordAt(sql, start) : otherAt(sql, start, characterClass)
    tokens.push(token)
    start += token.text.length
  }
  return tokens
}

function wordAt(sql: string, start: number): SqlToken {
  let end = start + 1
  while (end < sql.length) {
    const code = sql.charCodeAt(end)
    if ((classOf(code) & (WORD_START | DIGIT)) === 0 && code !== DOLLAR_CODE) break
    end++
  }
  const text = sql.slice(start, end)
  return (end - start < 3 && prefixedAt(sql, start, text.toLowerCase())) || { kind: 'word', text, start }
}

const DOLLAR_CODE = 36

/** `E'…'`, `B'…'`, `X'…'`, `N'…'`, `U&'…'` and `U&"…"`, after their letter. */
function prefixedAt(sql: string, start: number, letter: string): SqlToken | undefined {
  const next = sql[start + 1]
  if (next === "'" && 'ebxn'.includes(letter)) {
    const quote = letter === 'e' ? ESCAPED : PLAIN
    return { kind: 'string', text: sql[start] + matched(quote, sql, start + 1), start }
  }
  const quote = sql[start + 2]
  if (letter !== 'u' || next !== '&' || (quote !== "'" && quote !== '"')) return undefined
  const rest = matched(quote === "'" ? PLAIN : QUOTED, sql, start + 2)
  return { kind: quote === "'" ? 'string' : 'quoted', text: `${sql[start]}&${rest}`, start }
}

function otherAt(sql: string, start: number, characterClass: number): SqlToken {
  if (characterClass === DIGIT) return { kind: 'number', text: matched(NUMBER, sql, start), start }
  const pair = sql.slice(start, start + 2)
  switch (pair[0]) {
    case PLACEHOLDER_OPEN:
      return { kind: 'placeholder', text: sql.slice(start, sql.indexOf(PLACEHOLDER_CLOSE, start) + 1), start }
    case "'":
      return { kind: 'string', text: matched(PLAIN, sql, start), start }
    case '"':
      return { kind: 'quoted', text: matched(QUOTED, sql, start), start }
    case '$':
      return dollarAt(sql, start)
    case '-':
      if (pair === '--') return { kind: 'comment', text: lineComment(sql, start), start }
      break
    case '/':
      if (pair === '/*') return { kind: 'comment', text: blockComment(sql, start), start }
      break
    case '.':
      if (classOf(pair.charCodeAt(1)) === DIGIT)
        return { kind: 'number', text: matched(NUMBER, sql, start), start }
  }
  return { kind: 'symbol', text: sql.charAt(start), start }
}

function matched(pattern: RegExp, sql: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(sql)?.[0] ?? ''
}

function dollarAt(sql: string, start: number): SqlToken {
  const parameter = matched(PARAMETER, sql, start)
  if (parameter !== '') return { kind: 'parameter', text: parameter, start }
  const delimiter = matched(DOLLAR, sql, start)
  if (delimiter === '') return { kind: 'symbol', text: '$', start }
  const end = sql.indexOf(delimiter, start + delimiter.length)
  const text = end === -1 ? sql.slice(start) : sql.slice(start, end + delimiter.length)
  return { kind: 'string', text, start }
}

function lineComment(sql: string, start: number): string {
  const end = sql.indexOf('\n', start)
  return end === -1 ? sql.slice(start) : sql.slice(start, end)
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

/** Whether placeholders can be in a token: looking for them in every token costs more than reading it. */
export function mayHoldPlaceholder({ kind }: SqlToken): boolean {
  return kind === 'placeholder' || kind === 'string' || kind === 'quoted' || kind === 'comment'
}

/**
 * The tokens that mean something, one way to write each: without comments, unquoted words in lower case.
 * Two SQL texts with equal results here do the same.
 */
export function meaningOf(tokens: readonly SqlToken[], ofPlaceholder: (text: string) => string): string {
  let meaning = ''
  for (const token of tokens) {
    if (token.kind === 'word') meaning += `${token.text.toLowerCase()}\u0000`
    else if (!mayHoldPlaceholder(token)) meaning += `${token.text}\u0000`
    else if (token.kind !== 'comment') meaning += `${token.text.replace(PLACEHOLDER, ofPlaceholder)}\u0000`
  }
  return meaning
}
