import type { SentStatement } from './recorder.ts'

// Strings, quoted names and comments are stepped over; what is left of $n is a parameter.
const TOKENS = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$(\d+)/g

/** A statement with its parameters written in as literals without a type, as the protocol sends them. */
export function bindValues(sql: string, values: readonly (string | null)[]): string {
  return sql.replace(TOKENS, (token, number: string | undefined) => {
    if (number === undefined) return token
    const value = values[Number(number) - 1]
    return value == null ? 'null' : `'${value.replaceAll("'", "''")}'`
  })
}

/**
 * Statements of several connections as a script for one psql. What one connection sends while another has a
 * transaction open waits for its end.
 */
export function scriptOf(statements: readonly SentStatement[]): string {
  const lines: string[] = []
  let waiting: SentStatement[] = []
  let open: number | undefined
  const take = (statement: SentStatement) => {
    const { connection, sql } = statement
    if (open !== undefined && open !== connection) {
      waiting.push(statement)
      return
    }
    lines.push(`${sql}\n;`)
    if (/^\s*begin\b/i.test(sql)) open = connection
    if (!/^\s*(commit|rollback)\b/i.test(sql)) return
    open = undefined
    const late = waiting
    waiting = []
    for (const one of late) take(one)
  }
  for (const statement of statements) take(statement)
  return `${lines.join('\n')}\n`
}
