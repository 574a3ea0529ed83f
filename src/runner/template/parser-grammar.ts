import type { Token } from 'nunjucks/src/lexer.js'
import nunjucksParser, { type NunjucksParser } from 'nunjucks/src/parser.js'
import type { NodeList, Pair } from './ast.ts'
import { JinjaFault } from './parser-fault.ts'
import {
  parseArguments,
  parseCapture,
  parseDictPair,
  parseDo,
  parseItems,
  parseLeft,
  parseSubscript,
  parseTargets,
  parseTest,
  parseTestName,
  parseTuple,
} from './parser-parts.ts'
import { floatOf } from './value.ts'

const original = nunjucksParser.Parser.prototype

const REFUSED: Readonly<Record<string, string>> = {
  block: 'Write a macro instead.',
  extends: 'Write a macro instead.',
  include: 'Write a macro instead.',
  import: 'Call the macro: every macro of macros/ is in scope.',
  from: 'Call the macro: every macro of macros/ is in scope.',
  switch: 'Use if, elif and else.',
  asyncEach: 'Use for.',
  asyncAll: 'Use for.',
  ifAsync: 'Use if.',
}

/** Jinja's grammar where Nunjucks' differs: put over a Nunjucks parser. */
export const jinjaGrammar: Partial<NunjucksParser> & ThisType<NunjucksParser> = {
  /** Adds `do` and `test`, refuses what SQL templates do without, and gives errors at the end a place. */
  parseStatement() {
    const tag = this.peekToken()
    if (tag === null) return this.fail('expected a tag, got end of file')
    const refused = tag.type === 'symbol' ? REFUSED[tag.value] : undefined
    if (refused !== undefined) throw new JinjaFault(`{% ${tag.value} %} is not for models`, refused, tag)
    try {
      if (this.skipSymbol('do')) return parseDo(this, tag)
      if (this.skipSymbol('test')) return parseTest(this, tag)
      return original.parseStatement.call(this)
    } catch (error) {
      if (error instanceof Error && !('lineno' in error && error.lineno !== undefined)) {
        Object.assign(error, { lineno: tag.lineno + 1, colno: tag.colno + 1 })
      }
      throw error
    }
  },

  /** `{% set a, b = 1, 2 %}`, `{% set ns.x = 1 %}` and `{% set x %}…{% endset %}`. */
  parseSet() {
    const tag = this.nextToken() ?? this.fail('expected set')
    const at = { lineno: tag.lineno, colno: tag.colno }
    const targets = parseTargets(this)
    if (!this.skipValue('operator', '=')) {
      return { typename: 'Set', ...at, targets, value: null, body: parseCapture(this, tag) }
    }
    const value = parseTuple(this)
    this.advanceAfterBlockEnd('set')
    return { typename: 'Set', ...at, targets, value }
  },

  /** `a if x else b if y else c`. */
  parseInlineIf() {
    const body = this.parseOr()
    if (!this.skipSymbol('if')) return body
    const cond = this.parseOr()
    const else_ = this.skipSymbol('else') ? this.parseInlineIf() : null
    return { typename: 'InlineIf', lineno: body.lineno, colno: body.colno, body, cond, else_ }
  },

  /** `a - b + c` from the left, and `~` before them, as in Jinja. */
  parseConcat() {
    return parseLeft(this, () => parseLeft(this, () => this.parseMul(), { '~': 'Concat' }), {
      '+': 'Add',
      '-': 'Sub',
    })
  },

  /** `a * b // c % d` from the left: Nunjucks gives each operator a rank of its own. */
  parseMul() {
    return parseLeft(this, () => this.parsePow(), { '*': 'Mul', '/': 'Div', '//': 'FloorDiv', '%': 'Mod' })
  },

  parsePrimary(noPostfix) {
    const token = this.peekToken()
    if (token?.type === 'regex') {
      throw new JinjaFault('a regular expression is not Jinja', 'Write the text in quotes.', token)
    }
    if (token?.type === 'int' && !Number.isSafeInteger(Number(token.value))) {
      throw new JinjaFault(
        `${token.value} is too large to stay exact`,
        `Write it as text: '${token.value}'.`,
        token,
      )
    }
    if (token?.type === 'symbol' && /^\d/.test(token.value)) throw spelledOut(token.value, token)
    if (token?.type === 'float') {
      this.nextToken()
      const { lineno, colno } = token
      const next = this.peekToken()
      if (next?.lineno === lineno && next.colno === colno + token.value.length && next.type === 'symbol') {
        throw spelledOut(token.value + next.value, token)
      }
      const literal = { typename: 'Literal' as const, lineno, colno, value: floatOf(Number(token.value)) }
      return noPostfix ? literal : this.parsePostfix(literal)
    }
    return original.parsePrimary.call(this, noPostfix)
  },

  /** Calls, attributes, subscripts and slices: `x(1)`, `x.y`, `xs[-1]`, `xs[1:]`. */
  parsePostfix(node) {
    let parsed = node
    for (;;) {
      const token = this.peekToken()
      const at = token === null ? node : { lineno: token.lineno, colno: token.colno }
      if (token?.type === 'left-paren') {
        parsed = { typename: 'FunCall', ...at, name: parsed, args: this.parseSignature() }
      } else if (token?.type === 'left-bracket') {
        parsed = parseSubscript(this, parsed)
      } else if (this.skipValue('operator', '.')) {
        const name = this.nextToken()
        if (name?.type !== 'symbol') return this.fail('expected a name after the point', at.lineno, at.colno)
        const val = {
          typename: 'Literal' as const,
          lineno: name.lineno,
          colno: name.colno,
          value: name.value,
        }
        parsed = { typename: 'LookupVal', ...at, target: parsed, val }
      } else {
        return parsed
      }
    }
  },

  /** Trailing commas, tuples, and dictionary keys that must be quoted. */
  parseAggregate() {
    const open = this.nextToken()
    if (open === null) return null
    const at = { lineno: open.lineno, colno: open.colno }
    switch (open.type) {
      case 'left-paren': {
        const { items, hasComma } = parseItems(this, 'right-paren', open, () => this.parseExpression())
        return { typename: 'Group', ...at, children: items, isTuple: items.length !== 1 || hasComma }
      }
      case 'left-bracket': {
        const { items } = parseItems(this, 'right-bracket', open, () => this.parseExpression())
        return { typename: 'Array', ...at, children: items }
      }
      case 'left-curly': {
        const { items } = parseItems(this, 'right-curly', open, (): Pair => parseDictPair(this))
        return { typename: 'Dict', ...at, children: items }
      }
      default:
        return this.fail(`unexpected ${open.value}`, open.lineno, open.colno)
    }
  },

  /** `x is test`, `x is not test`, `x is test(y)` and `x is test y`. */
  parseIs() {
    const left = this.parseCompare()
    if (!this.skipSymbol('is')) return left
    const { lineno, colno } = left
    const isNot = this.skipSymbol('not')
    const node = { typename: 'Is' as const, lineno, colno, left, right: parseTestName(this) }
    return isNot ? { typename: 'Not', lineno, colno, target: node } : node
  },

  /** Arguments, with a trailing comma if you like. */
  parseSignature(tolerant) {
    const open = this.peekToken()
    if (open?.type === 'left-paren') {
      this.nextToken()
      return parseArguments(this, open)
    }
    // Nunjucks asks "is there a signature?" this way, of {% call %}.
    if (tolerant) return null as unknown as NodeList
    return this.fail('expected arguments', open?.lineno, open?.colno)
  },
}

function spelledOut(value: string, at: Token): JinjaFault {
  return new JinjaFault(
    `${value} is not how a number is written here`,
    'Write its digits: 0.001 for 1e-3.',
    at,
  )
}
