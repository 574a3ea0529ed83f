import nunjucksLexer, { type Tokenizer } from 'nunjucks/src/lexer.js'

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
  return tokens
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
  const written = advance(this, end + 1).slice(1, -1)
  if (!written.includes('\\')) return written
  return written.replace(/\\([\s\S])/g, (whole, escaped: string) => ESCAPES[escaped] ?? whole)
}
