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
  const start = this.index
  let end = start
  while (end < this.len && characters.includes(this.str.charAt(end)) !== breakOnMatch) end++
  if (end === start) return ''
  const extracted = this.str.slice(start, end)
  const lastBreak = extracted.lastIndexOf('\n')
  if (lastBreak === -1) {
    this.colno += end - start
  } else {
    for (let at = lastBreak; at !== -1; at = at === 0 ? -1 : extracted.lastIndexOf('\n', at - 1))
      this.lineno++
    this.colno = end - start - lastBreak - 1
  }
  this.index = end
  return extracted
}

function parseString(this: Tokenizer, delimiter: string): string {
  const opened = { lineno: this.lineno + 1, colno: this.colno + 1 }
  let value = ''
  this.forward()
  while (!this.isFinished() && this.current() !== delimiter) {
    if (this.current() === '\\') {
      this.forward()
      const escaped = this.current()
      value += ESCAPES[escaped] ?? `\\${escaped}`
    } else {
      value += this.current()
    }
    this.forward()
  }
  if (this.isFinished())
    throw Object.assign(new Error(`the text that begins with ${delimiter} has no end`), opened)
  this.forward()
  return value
}
