import { exitCodesByError, formatPlace, isKxError, KxError } from '../../base/index.ts'
import type { SqlError } from '../../warehouse/index.ts'
import { type Io, paint } from './io.ts'
import { eventLine } from './json-event.ts'

/** Prints an error that ended the command and gives its exit code. Known ones take three lines, bugs a stack. */
export function reportError(io: Io, error: unknown): number {
  const known = isKxError(error) ? error : refusedByServer(error)
  if (known !== undefined) {
    printError(io, known)
    return exitCodesByError[known.code]
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  if (io.logFormat === 'json') io.out(eventLine('error', { code: 'BUG', message: stack }))
  else
    io.err(
      `${paint(io, 'red', 'bug')} ${stack}\n  → This is a fault of kx: please report it with these lines.`,
    )
  return 70
}

/** What a server lacks, or does not allow, is no fault of kx: by SQLSTATE or its class. */
const HINTS: Readonly<Record<string, string>> = {
  '53100': 'Free space on the disk of the warehouse, then run the command again: what is committed stays.',
  '53': 'Give the server the memory, connections or locks that it lacks, then run the command again.',
  '58': "Look into the server's log: a file of the warehouse cannot be read or written.",
  '42501': 'Grant this role the rights that it lacks, or use another role.',
  '25006': 'Connect to the primary server: this one takes no changes.',
}

function refusedByServer(error: unknown): KxError | undefined {
  if (!isSqlError(error)) return undefined
  const { sqlstate, message } = error
  const hint = HINTS[sqlstate] ?? HINTS[sqlstate.slice(0, 2)]
  return hint === undefined ? undefined : new KxError('KX_SQL_FAILED', message, { hint, cause: error })
}

/** By its name: to ask for its class would load pg into every command. */
function isSqlError(error: unknown): error is SqlError {
  return error instanceof Error && error.name === 'SqlError'
}

/** An error in three lines (and the user's own line under it): code and place, what is wrong, what to do. */
export function printError(io: Io, error: KxError): void {
  const { code, message, hint, at } = error
  if (io.logFormat === 'json') {
    io.out(eventLine('error', { code, message, hint, at }))
    return
  }
  io.err(`${paint(io, 'red', 'error')} ${code}${at === undefined ? '' : ` ${formatPlace(at)}`}`)
  for (const line of message.split('\n')) io.err(`  ${line}`)
  if (at?.frame !== undefined) for (const line of at.frame.split('\n')) io.err(`    ${line}`)
  if (hint !== undefined) io.err(`  → ${hint}`)
}
