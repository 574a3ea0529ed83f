// The parts of Nunjucks that only parse. Its environment, loaders and compiler stay out: they reach for files.

declare module 'nunjucks/src/lexer.js' {
  export interface Token {
    readonly type: string
    readonly value: string
    readonly lineno: number
    readonly colno: number
  }
  export interface Tokenizer {
    readonly str: string
    readonly len: number
    index: number
    lineno: number
    colno: number
    in_code: boolean
    nextToken(): Token | null
    current(): string
    forward(): void
    isFinished(): boolean
    _parseString(delimiter: string): string
    _extractMatching(breakOnMatch: boolean, characters: string): string | null
  }
  const lexer: { lex(source: string, options?: object): Tokenizer }
  // biome-ignore lint/style/noDefaultExport: a CommonJS module has one.
  export default lexer
}

declare module 'nunjucks/src/parser.js' {
  import type { Token, Tokenizer } from 'nunjucks/src/lexer.js'
  import type { Body, Expression, NodeList, Root, Statement } from './ast.ts'

  export interface NunjucksParser {
    readonly tokens: Tokenizer
    nextToken(withWhitespace?: boolean): Token | null
    peekToken(): Token | null
    pushToken(token: Token | null): void
    skip(type: string): boolean
    skipValue(type: string, value: string): boolean
    skipSymbol(value: string): boolean
    fail(message: string, lineno?: number, colno?: number): never
    advanceAfterBlockEnd(name?: string): Token
    parseStatement(): Statement | null
    parseSet(): Statement
    parseFor(): Statement
    parseExpression(): Expression
    parseInlineIf(): Expression
    parseOr(): Expression
    parseIs(): Expression
    parseCompare(): Expression
    parseConcat(): Expression
    parseMul(): Expression
    parsePow(): Expression
    parseUnary(noFilters?: boolean): Expression
    parsePrimary(noPostfix?: boolean): Expression
    parsePostfix(node: Expression): Expression
    parseAggregate(): Expression | null
    parseSignature(tolerant?: boolean | null, noParens?: boolean): NodeList
    parseUntilBlocks(...names: string[]): Body
    parseAsRoot(): Root
  }
  const parser: { Parser: new (tokens: Tokenizer) => NunjucksParser }
  // biome-ignore lint/style/noDefaultExport: a CommonJS module has one.
  export default parser
}
