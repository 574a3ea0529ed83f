/** How the text that Postgres sends becomes a value. */
export type Parser = (text: string) => unknown

/** The types of `getTypeParser`: everything not named here stays the text that Postgres prints. */
export const typedParsers = { getTypeParser: (oid: number): Parser => parsersByOid.get(oid) ?? asText }

/** Parsers that leave everything as text. */
export const textParsers = { getTypeParser: (): Parser => asText }

// Oids never change: https://github.com/postgres/postgres/blob/REL_15_STABLE/src/include/catalog/pg_type.dat
const parsersByOid: ReadonlyMap<number, Parser> = new Map<number, Parser>([
  [16, asBoolean], // bool
  [20, Number], // int8: exact to 2^53
  [21, Number], // int2
  [23, Number], // int4
  [26, Number], // oid
  [700, Number], // float4; Number reads NaN, Infinity and -Infinity as Postgres prints them
  [701, Number], // float8
  [1000, arrayOf(asBoolean)],
  [1005, arrayOf(Number)],
  [1007, arrayOf(Number)],
  [1016, arrayOf(Number)],
  [1021, arrayOf(Number)],
  [1022, arrayOf(Number)],
])

function asText(text: string): string {
  return text
}

function asBoolean(text: string): boolean {
  return text === 't'
}

/** Reads `{1,NULL,{2}}`: elements of these types never hold quotes, commas or braces. */
function arrayOf(parse: Parser): Parser {
  return (text) => {
    // A lower bound other than 1 is printed before the braces: [0:1]={1,2}
    const braces = text.slice(text.indexOf('{'))
    const stack: unknown[][] = [[]]
    for (const token of braces.match(/[{}]|[^{},]+/g) ?? []) {
      const inner = stack.at(-1) ?? []
      if (token === '{') stack.push([])
      else if (token === '}') {
        stack.pop()
        stack.at(-1)?.push(inner)
      } else inner.push(token === 'NULL' ? null : parse(token))
    }
    return stack[0]?.[0] ?? []
  }
}
