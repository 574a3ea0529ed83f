import nunjucksLexer, { type Token, type Tokenizer } from 'nunjucks/src/lexer.js'
import { JinjaFault } from './parser-fault.ts'

/** A backslash and what Python reads with it. */
const ESCAPE = /\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|[0-7]{1,3}|[\s\S])/g
/** Escapes that are control characters in Python: nobody means them in SQL. */
const CONTROL = /^[abfv0-7]/
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
}

/** Nunjucks' tokens of `text`, with Python's string escapes: an unknown one keeps its backslash (`'\d'`). */
export function lex(text: string): Tokenizer {
  const tokens = nunjucksLexer.lex(text)
  tokens._extractMatching = extractMatching
  tokens._parseString = parseString
  tokens.nextToken = nextTokenOf(tokens)
  return tokens
}

/** As Nunjucks' own, but `}}` does not end an expression whose braces are open: `{{ f({'a': {'b': 1}}) }}`. */
function nextTokenOf(tokens: Tokenizer): () => Token | null {
  const original = tokens.nextToken
  let openBraces = 0
  return () => {
    if (tokens.in_code && openBraces > 0 && tokens.current() === '}') {
      const { lineno, colno } = tokens
      tokens.forward()
      openBraces--
      return { type: 'right-curly', value: '}', lineno, colno }
    }
    const token = original.call(tokens)
    if (token?.type === 'left-curly') openBraces++
    else if (!tokens.in_code) openBraces = 0
    return token
  }
}

/** What Nunjucks does one character and one concatenation at a time, for whole runs. */
function extractMatching(this: Tokenizer, breakOnMatch: boolean, characters: string): string | null {
  if (this.index >= this.len) return null
  let end = this.index
  while (end < this.len && characters.includes(this.str.charAt(end)) !== breakOnMatch) end++
  return advance(this, end)
}

/** Moves to `end` and gives the text up to there. */
function advance(tokens: Tokenizer, end: number): string {
  const passed = tokens.str.slice(tokens.index, end)
  tokens.index = end
  const lastBreak = passed.lastIndexOf('\n')
  if (lastBreak === -1) {
    tokens.colno += passed.length
    return passed
  }
  for (let at = passed.indexOf('\n'); at !== -1; at = passed.indexOf('\n', at + 1)) tokens.lineno++
  tokens.colno = passed.length - lastBreak - 1
  return passed
}

function parseString(this: Tokenizer, delimiter: string): string {
  let end = this.index + 1
  while (end < this.len && this.str[end] !== delimiter) end += this.str[end] === '\\' ? 2 : 1
  if (end >= this.len) {
    const message = `the text that begins with ${delimiter} has no end`
    throw Object.assign(new Error(message), { lineno: this.lineno + 1, colno: this.colno + 1 })
  }
  const { lineno, colno } = this
  const written = advance(this, end + 1).slice(1, -1)
  if (!written.includes('\\')) return written
  return written.replace(ESCAPE, (whole, escaped: string) => {
    if (escaped.length > 1 && !CONTROL.test(escaped)) {
      return String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
    }
    if (!CONTROL.test(escaped)) return ESCAPES[escaped] ?? whole
    const hint = `Write \\${whole} for a backslash and ${escaped}.`
    throw new JinjaFault(`${whole} in a text is a control character in Jinja`, hint, { lineno, colno })
  })
}
