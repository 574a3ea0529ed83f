import { KxError } from '../../base/index.ts'
import { isWord } from './binding-names.ts'
import type { FinishedSql } from './finish.ts'
import { locateIn, type Trace } from './locate.ts'
import type { SqlToken } from './sql-tokens.ts'
import { END_PLACEHOLDER, START_PLACEHOLDER, THIS_PLACEHOLDER } from './usage.ts'

/**
 * Refuses SQL that would mean something else than its writer thinks.
 *
 * @throws {KxError} KX_TEMPLATE_FAILED at the token.
 */
export function checkSql({ tokens, sql }: FinishedSql, trace: Trace): void {
  if (sql === '' || tokens.length === 0) {
    throw new KxError('KX_TEMPLATE_FAILED', 'the template renders to no SQL', {
      hint: 'Write one select.',
      at: trace.fallback,
    })
  }
  tokens.forEach((token, i) => {
    const fault = faultOf(token, tokens[i - 1], i === tokens.length - 1)
    if (fault === undefined) return
    const at = locateIn({ ...trace, replacements: [], rawStart: 0 }, token.start)
    throw new KxError('KX_TEMPLATE_FAILED', fault.message, { hint: fault.hint, at })
  })
}

interface Fault {
  readonly message: string
  readonly hint: string
}

function faultOf(token: SqlToken, before: SqlToken | undefined, isLast: boolean): Fault | undefined {
  switch (token.kind) {
    case 'parameter':
      return {
        message: `${token.text} is kx's to number`,
        hint: 'Use {{ partition.start }} or {{ partition.end }}.',
      }
    case 'symbol':
      if (token.text !== ';' || isLast) return undefined
      return { message: 'a semicolon stands inside the SQL', hint: 'Write one select, without semicolons.' }
    case 'string':
      if (!token.text.includes(START_PLACEHOLDER) && !token.text.includes(END_PLACEHOLDER)) return undefined
      return {
        message: 'a bound of the partition stands in quotes',
        hint: 'Drop the quotes: it is a timestamptz.',
      }
    case 'placeholder':
      if (token.text !== THIS_PLACEHOLDER || !(isWord(before, 'from') || isWord(before, 'join')))
        return undefined
      return {
        message: 'reading {{ this }} would go past the ledger',
        hint: "Read the model's own past with {{ previous('1h') }}.",
      }
    default:
      return undefined
  }
}
