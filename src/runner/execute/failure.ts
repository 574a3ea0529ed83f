import { isKxError, KxError, type KxErrorCode, type Place } from '../../base/index.ts'
import { SqlError } from '../../warehouse/index.ts'
import type { Assertion, Model, Seed } from '../model/index.ts'
import { type CompiledSql, inlinedAt } from '../sql/index.ts'
import type { RunContext } from './context.ts'

/** What to do about a step that failed. */
export type Remedy =
  | 'again' // connection, deadlock, lock timeout, shutdown: the same step once more
  | 'split' // bad data: until the bad partition stands alone
  | 'model' // syntax, names, rights: no partition of this model can work

/** How often something is tried when the server, not the data, was the reason. */
export const TRIES = 3

const SPLIT_CODES: readonly KxErrorCode[] = [
  'KX_ASSERTION_FAILED',
  'KX_ROW_OUTSIDE',
  'KX_KEY_DUPLICATE',
  'KX_KEY_NULL',
  'KX_SOURCE_SHRUNK',
  'KX_PARTITION_EMPTIED',
]

/** Sorts a failure by what helps, by SQLSTATE where Postgres spoke. */
export function remedyFor(error: unknown): Remedy {
  if (isKxError(error, 'KX_WAREHOUSE_UNREACHABLE')) return 'again'
  const sqlstate = sqlstateOf(error)
  if (sqlstate !== undefined) {
    if (/^(08|40|55P03|57P0)/.test(sqlstate)) return 'again'
    if (/^(22|23|21)/.test(sqlstate)) return 'split'
    return 'model'
  }
  if (error instanceof KxError && SPLIT_CODES.includes(error.code)) return 'split'
  return 'model'
}

/** What Postgres called the failure, if it was Postgres. */
export function sqlstateOf(error: unknown): string | undefined {
  if (error instanceof SqlError) return error.sqlstate
  return error instanceof KxError && error.cause instanceof SqlError ? error.cause.sqlstate : undefined
}

/** Whose statement failed. */
export interface Failed {
  readonly context: RunContext
  readonly node: Model | Seed | Assertion
  /** Where the rendered template begins in the statement, in characters. */
  readonly bodyAt: number | undefined
  /** What the statement holds: leads into its ephemerals. */
  readonly compiled?: CompiledSql | undefined
}

/** A statement's failure as the user's: the line of the template, or of an ephemeral in it, where Postgres pointed. */
export function describeFailure(error: unknown, { context, node, bodyAt, compiled }: Failed): unknown {
  if (!(error instanceof SqlError)) return error
  const at = placeOf(error, { context, node, bodyAt, compiled })
  const options = { at, cause: error }
  if (error.sqlstate === '23505') {
    return new KxError('KX_KEY_DUPLICATE', `two rows of ${node.id} have one key: ${keyOf(error)}`, {
      ...options,
      hint: 'Settle in the SQL which of them counts, or add a column to unique_key.',
    })
  }
  if (error.sqlstate === '23502') {
    return new KxError('KX_KEY_NULL', `${node.id}.${error.column ?? '?'} is null in a new row`, {
      ...options,
      hint: 'Filter such rows out or give the column a value.',
    })
  }
  const mistyped = mistypedColumn(error, node)
  if (mistyped !== undefined) return mistyped
  const detail = error.detail === undefined ? '' : ` (${error.detail})`
  return new KxError('KX_SQL_FAILED', `${error.message}${detail}`, {
    ...options,
    hint: error.hint ?? `Correct the SQL; Postgres says SQLSTATE ${error.sqlstate}.`,
  })
}

/** A type that a contract names and Postgres does not know. */
function mistypedColumn(error: SqlError, node: Model | Seed | Assertion): KxError | undefined {
  if (error.sqlstate !== '42704' || node.kind === 'test' || node.contract === undefined) return undefined
  const { file, columns } = node.contract
  const column = columns.find(({ type }) => error.message.includes(`"${type}"`))
  if (column === undefined) return undefined
  return new KxError('KX_CONTRACT_INVALID', `columns.${column.name}: ${error.message}`, {
    hint: 'Write a type of Postgres there.',
    at: { file },
    cause: error,
  })
}

function placeOf(error: SqlError, { context, node, bodyAt, compiled }: Failed): Place {
  if (node.kind === 'seed' || error.position === undefined || bodyAt === undefined) return { file: node.file }
  const characters = error.position - 1 - bodyAt
  if (characters < 0 && compiled !== undefined) {
    const found = inlinedAt(compiled, lengthOf(compiled.text, characters + compiled.bodyOffset))
    if (found !== undefined) return context.locate(found.model, found.offset)
  }
  if (characters < 0) return { file: node.file }
  return context.locate(node, lengthOf(node.rendered.sql, characters))
}

/** How long the first characters of `text` are in JavaScript, which counts 😀 twice where Postgres counts it once. */
function lengthOf(text: string, characters: number): number {
  let length = 0
  for (let i = 0; i < characters; i++) length += (text.codePointAt(length) ?? 0) > 0xffff ? 2 : 1
  return length
}

function keyOf(error: SqlError): string {
  return error.detail?.replace(/^Key /, '').replace(/ already exists\.$/, '') ?? error.message
}
