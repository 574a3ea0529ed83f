import pg from 'pg'
import { KxError } from '../../base/index.ts'
import { SqlError } from '../session.ts'
import { type ConnectionSettings, formatAddress } from './settings.ts'

/** Severities after which the server closes the connection. */
const fatalSeverities = ['FATAL', 'PANIC']

const hintsBySqlstate: Readonly<Record<string, (settings: ConnectionSettings) => string>> = {
  '28P01': ({ user }) => `Set the right password of ${user}: in the target, PGPASSWORD or ~/.pgpass.`,
  '28000': ({ user }) => `Let ${user} in: the server's pg_hba.conf refuses this user, host or encryption.`,
  '3D000': ({ database }) => `Create the database: createdb ${database}`,
  '53300': () => 'Lower --threads, or raise max_connections of the server.',
}

/** Whether `error` is Postgres's own answer. */
export function isDatabaseError(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError
}

/** Whether the connection is gone after `error`: anything that is not an answer to one statement. */
function isConnectionLost(error: unknown): boolean {
  return !isDatabaseError(error) || fatalSeverities.includes(severityOf(error))
}

/** What a statement's failure is to callers: a SqlError, or KX_WAREHOUSE_UNREACHABLE if the connection is gone. */
export function statementError(error: unknown, settings: ConnectionSettings): SqlError | KxError {
  if (error instanceof KxError || error instanceof SqlError) return error
  if (!isConnectionLost(error) && isDatabaseError(error)) return sqlError(error)
  const address = formatAddress(settings)
  return new KxError(
    'KX_WAREHOUSE_UNREACHABLE',
    `the connection to ${address} was lost: ${reasonOf(error)}`,
    {
      hint: `Look into the log of the server at ${address}, then run the command again.`,
      cause: harmless(error),
    },
  )
}

/** What a failed attempt to connect is to callers. */
export function connectError(error: unknown, settings: ConnectionSettings): KxError {
  if (error instanceof KxError) return error
  const address = formatAddress(settings)
  const { database, user, targetName } = settings
  const sqlstate = isDatabaseError(error) ? error.code : isPasswordMissing(error) ? '28P01' : undefined
  const hint = hintsBySqlstate[sqlstate ?? '']?.(settings)
  return new KxError(
    'KX_WAREHOUSE_UNREACHABLE',
    `no connection to ${address} (database ${database}, user ${user}): ${reasonOf(error)}`,
    {
      hint: hint ?? `Start the server at ${address}, or correct the connection of target '${targetName}'.`,
      cause: harmless(error),
    },
  )
}

/** `text` without passwords in urls and in `password=…`. */
export function redact(text: string): string {
  return text
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/?#@]*:)[^\s/]*@/gi, '$1***@')
    .replace(/\b(password|passwd|pwd)(\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&'"]+)/gi, '$1$2***')
}

/** The server asks for a password and there is none: pg says so before it answers. */
function isPasswordMissing(error: unknown): boolean {
  return error instanceof Error && /password must be a/.test(error.message)
}

function sqlError(error: pg.DatabaseError): SqlError {
  return new SqlError(redact(error.message), {
    sqlstate: error.code ?? 'XX000',
    position: error.position === undefined ? undefined : Number(error.position),
    detail: error.detail,
    hint: error.hint,
    constraint: error.constraint,
    schema: error.schema,
    table: error.table,
    column: error.column,
  })
}

/** A cause without stacks of libraries' objects, which may hold settings: its text, or Postgres's own fields. */
function harmless(error: unknown): Error {
  return isDatabaseError(error) ? sqlError(error) : new Error(reasonOf(error))
}

function reasonOf(error: unknown): string {
  // A host name with several addresses fails with one error for each, and without a message of its own.
  if (error instanceof AggregateError) return [...new Set(error.errors.map(reasonOf))].join('; ')
  return redact(error instanceof Error ? error.message : String(error))
}

function severityOf(error: pg.DatabaseError): string {
  return error.severity ?? ''
}
