import type { Token } from 'nunjucks/src/lexer.js'
import type { NunjucksParser } from 'nunjucks/src/parser.js'
import type { At, BinaryName, Capture, Do, Expression, MacroNode, NodeList, Pair, Slice } from './ast.ts'
import { JinjaFault } from './parser-fault.ts'

/** Operators of one rank, taken from the left. */
export function parseLeft(
  parser: NunjucksParser,
  parseOperand: () => Expression,
  operators: Readonly<Record<string, BinaryName>>,
): Expression {
  let left = parseOperand()
  for (;;) {
    const token = parser.peekToken()
    const typename =
      token?.type === 'operator' || token?.type === 'tilde' ? operators[token.value] : undefined
    if (token === null || typename === undefined) return left
    parser.nextToken()
    left = { typename, lineno: token.lineno, colno: token.colno, left, right: parseOperand() }
  }
}

/** Items up to `close`; the last may be followed by a comma. */
export function parseItems<Item>(
  parser: NunjucksParser,
  close: string,
  open: At,
  parseItem: () => Item,
): { items: Item[]; hasComma: boolean } {
  const items: Item[] = []
  let hasComma = false
  while (!skipOrFail(parser, close, open)) {
    if (items.length > 0 && !hasComma)
      parser.fail(`expected a comma or the end of what opens here`, open.lineno, open.colno)
    items.push(parseItem())
    hasComma = parser.skip('comma')
  }
  return { items, hasComma }
}

function skipOrFail(parser: NunjucksParser, close: string, open: At): boolean {
  if (parser.peekToken() === null) parser.fail('this has no end', open.lineno, open.colno)
  return parser.skip(close)
}

/** `key: value`. A bare name as key means the variable in Jinja and the name in Nunjucks, so it is refused. */
export function parseDictPair(parser: NunjucksParser): Pair {
  const key = parser.parsePrimary()
  if (key.typename === 'Symbol') {
    throw new JinjaFault(`the key ${key.value} is not quoted`, `Write '${key.value}': ….`, key)
  }
  if (key.typename !== 'Literal') parser.fail('a key is a quoted text', key.lineno, key.colno)
  if (!parser.skip('colon')) parser.fail('expected a colon after the key', key.lineno, key.colno)
  return { typename: 'Pair', lineno: key.lineno, colno: key.colno, key, value: parser.parseExpression() }
}

/** Arguments after `(`: values, then names. */
export function parseArguments(parser: NunjucksParser, open: At): NodeList {
  const at = { lineno: open.lineno, colno: open.colno }
  const values: Expression[] = []
  const names: Pair[] = []
  parseItems(parser, 'right-paren', open, () => {
    const star = parser.peekToken()
    if (star?.type === 'operator' && /^\*\*?$/.test(star.value)) {
      throw new JinjaFault('arguments are not unpacked here', 'Write them one by one.', star)
    }
    const argument = parser.parseExpression()
    if (parser.skipValue('operator', '=')) {
      const { lineno, colno } = argument
      names.push({ typename: 'Pair', lineno, colno, key: argument, value: parser.parseExpression() })
    } else {
      if (names.length > 0)
        parser.fail('a value stands after a named argument', argument.lineno, argument.colno)
      values.push(argument)
    }
  })
  if (names.length > 0) values.push({ typename: 'KeywordArgs', ...at, children: names })
  return { typename: 'NodeList', ...at, children: values }
}

const ARGUMENT_BEGINS = ['symbol', 'string', 'int', 'float', 'left-bracket', 'left-curly']
const AFTER_TEST = ['and', 'or', 'not', 'if', 'else', 'in', 'is']

/** The name after `is`, with an argument if there is one: `defined`, `in(xs)`, `divisibleby 3`. */
export function parseTestName(parser: NunjucksParser): Expression {
  const name = parser.parsePrimary(true)
  const next = parser.peekToken()
  if (next?.type === 'left-paren') return parser.parsePostfix(name)
  if (next === null || !ARGUMENT_BEGINS.includes(next.type)) return name
  if (next.type === 'symbol' && AFTER_TEST.includes(next.value)) return name
  const { lineno, colno } = name
  const args: NodeList = { typename: 'NodeList', lineno, colno, children: [parser.parsePrimary()] }
  return { typename: 'FunCall', lineno, colno, name, args }
}

/** `[key]`, `[start:stop]`, after `target`. */
export function parseSubscript(parser: NunjucksParser, target: Expression): Expression {
  const open = parser.nextToken() ?? parser.fail('expected [')
  const at = { lineno: open.lineno, colno: open.colno }
  const start = parser.peekToken()?.type === 'colon' ? undefined : parser.parseExpression()
  if (!parser.skip('colon')) {
    if (!parser.skip('right-bracket') || start === undefined) parser.fail('expected ]', at.lineno, at.colno)
    return { typename: 'LookupVal', ...at, target, val: start }
  }
  const next = parser.peekToken()?.type
  const stop = next === 'right-bracket' || next === 'colon' ? undefined : parser.parseExpression()
  if (parser.skip('colon')) {
    throw new JinjaFault('a slice has no step here', 'Write [start:stop].', at)
  }
  if (!parser.skip('right-bracket')) parser.fail('expected ]', at.lineno, at.colno)
  return { typename: 'Slice', ...at, target, start, stop } satisfies Slice
}

/** One expression, or several with commas as a tuple. */
export function parseTuple(parser: NunjucksParser): Expression {
  const first = parser.parseExpression()
  if (parser.peekToken()?.type !== 'comma') return first
  const children = [first]
  while (parser.skip('comma') && parser.peekToken()?.type !== 'block-end')
    children.push(parser.parseExpression())
  return { typename: 'Group', lineno: first.lineno, colno: first.colno, children, isTuple: true }
}

/** What `set` assigns to: names, or `namespace.name`. */
export function parseTargets(parser: NunjucksParser): Expression[] {
  const targets: Expression[] = []
  do {
    const target = parser.parsePrimary()
    if (target.typename !== 'Symbol' && target.typename !== 'LookupVal') {
      parser.fail('set needs a name', target.lineno, target.colno)
    }
    targets.push(target)
  } while (parser.skip('comma'))
  return targets
}

/** The body of `{% set x %}…{% endset %}`. */
export function parseCapture(parser: NunjucksParser, tag: Token): Capture {
  if (parser.peekToken()?.type !== 'block-end')
    parser.fail('expected = or the end of the tag', tag.lineno, tag.colno)
  parser.advanceAfterBlockEnd('set')
  const body = parser.parseUntilBlocks('endset')
  parser.advanceAfterBlockEnd()
  return { typename: 'Capture', lineno: tag.lineno, colno: tag.colno, body }
}

/** `{% do expression %}`, after `do`. */
export function parseDo(parser: NunjucksParser, tag: Token): Do {
  const expr = parser.parseExpression()
  parser.advanceAfterBlockEnd('do')
  return { typename: 'Do', lineno: tag.lineno, colno: tag.colno, expr }
}

/** `{% test name(model, column_name) %}…{% endtest %}`, after `test`. */
export function parseTest(parser: NunjucksParser, tag: Token): MacroNode {
  const name = parser.parsePrimary(true)
  if (name.typename !== 'Symbol') return parser.fail('a test needs a name', tag.lineno, tag.colno)
  const args = parser.parseSignature()
  parser.advanceAfterBlockEnd('test')
  const body = parser.parseUntilBlocks('endtest')
  parser.advanceAfterBlockEnd()
  return { typename: 'Test', lineno: tag.lineno, colno: tag.colno, name, args, body }
}
