import nunjucksParser from 'nunjucks/src/parser.js'
import { isKxError, KxError, lineAndColumn, placeIn } from '../../base/index.ts'
import type { Root, Template } from './ast.ts'
import { lex } from './lexer.ts'
import { JinjaFault } from './parser-fault.ts'
import { jinjaGrammar } from './parser-grammar.ts'

/**
 * The syntax tree of a template. Nunjucks' parser reads it; where its grammar differs from Jinja's, kx's replaces it.
 *
 * @throws {KxError} KX_TEMPLATE_FAILED, KX_TEMPLATE_JINJA
 */
export function parseTemplate(template: Template): Root {
  const parser = Object.assign(new nunjucksParser.Parser(lex(template.text)), jinjaGrammar)
  try {
    return parser.parseAsRoot()
  } catch (error) {
    throw placedError(template, error)
  }
}

interface NunjucksError {
  readonly message: string
  readonly lineno?: number
  readonly colno?: number
}

function placedError({ file, text }: Template, error: unknown): unknown {
  if (isKxError(error) || !(error instanceof Error)) return error
  const { message, lineno, colno }: NunjucksError = error
  const { line, column } =
    lineno === undefined ? lastOpening(text, message) : { line: lineno, column: colno ?? 1 }
  const code = error instanceof JinjaFault ? 'KX_TEMPLATE_JINJA' : 'KX_TEMPLATE_FAILED'
  const hint = error instanceof JinjaFault ? error.hint : hintFor(message)
  return new KxError(code, plainMessage(message), {
    hint,
    at: placeIn(file, text, line, column),
    cause: error,
  })
}

/** Nunjucks has no place at the end of the file: what was opened last is where to look. */
function lastOpening(text: string, message: string): { line: number; column: number } {
  const openings = message.includes('comment') ? ['{#'] : ['{{', '{%']
  const offset = Math.max(...openings.map((opening) => text.lastIndexOf(opening)), 0)
  return lineAndColumn(text, offset)
}

function plainMessage(message: string): string {
  return message.replace(/^\w+: /, '').replace(/^Template render error: /, '')
}

function hintFor(message: string): string {
  if (message.includes('end of file')) return 'Close what is opened here.'
  if (message.includes('variable end')) return 'Close the expression with }}, or join its parts with ~.'
  if (message.includes('unknown block tag')) return 'Use if, for, set, macro, call, filter, do or raw.'
  return 'Correct the template here; docs/templates.md shows what it may hold.'
}
