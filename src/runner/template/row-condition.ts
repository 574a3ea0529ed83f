import type { Binding, RenderedSql } from '../model/index.ts'
import { tokenizeSql } from './sql-tokens.ts'

/** What an assertion asks of each row by itself: `sql` is true of its wrong rows, which it calls `binding.name`. */
export interface RowCondition {
  readonly binding: Binding
  readonly sql: string
}

/** Words after which a select no longer gives exactly the rows that its `where` lets through. */
const MORE = new Set(
  'select group having window union intersect except order limit offset fetch for'.split(' '),
)

/**
 * The condition of `select … from INPUT where CONDITION`: several such assertions of a model can be asked in one
 * reading of its rows. Undefined for any other text, which then is asked by itself.
 */
export function rowConditionOf({ sql, bindings, parameters }: RenderedSql): RowCondition | undefined {
  const tokens = tokenizeSql(sql.replace(/[\s;]+$/, '')).filter(({ kind }) => kind !== 'comment')
  const words = tokens.map(({ kind, text }) => (kind === 'word' ? text.toLowerCase() : text))
  const from = words.indexOf('from')
  const where = tokens[from + 2]
  const first = tokens[from + 3]
  const [binding] = bindings
  if (words[0] !== 'select' || words[from + 2] !== 'where' || where === undefined || first === undefined)
    return undefined
  if (binding === undefined || bindings.length > 1 || parameters.length > 0) return undefined
  if (tokens[from + 1]?.text !== binding.name || !isColumnList(words.slice(1, from))) return undefined
  if (tokens.some(({ kind, text }, i) => i > from && kind === 'word' && MORE.has(text.toLowerCase())))
    return undefined
  const end = tokens.at(-1) ?? first
  return { binding, sql: sql.slice(first.start, end.start + end.text.length) }
}

/** `*`, or names alone: nothing that could give more rows or fewer. */
function isColumnList(words: readonly string[]): boolean {
  return (
    words.every((word) => word === ',' || word === '*' || /^[a-z_]\w*$/.test(word)) &&
    !words.includes('distinct')
  )
}
