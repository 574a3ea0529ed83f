import { exitCodesByError, formatPlace, isKxError, type KxError } from '../../base/index.ts'
import { type Io, paint } from './io.ts'

/** Prints an error that ended the command and gives its exit code. Known ones take three lines, bugs a stack. */
export function reportError(io: Io, error: unknown): number {
  if (isKxError(error)) {
    printError(io, error)
    return exitCodesByError[error.code]
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  if (io.logFormat === 'json') io.out(JSON.stringify({ type: 'error', code: 'BUG', message: stack }))
  else
    io.err(
      `${paint(io, 'red', 'bug')} ${stack}\n  → This is a fault of kx: please report it with these lines.`,
    )
  return 70
}

/** An error in three lines (and the user's own line under it): code and place, what is wrong, what to do. */
export function printError(io: Io, error: KxError): void {
  const { code, message, hint, at } = error
  if (io.logFormat === 'json') {
    io.out(JSON.stringify({ type: 'error', code, message, hint, at }))
    return
  }
  io.err(`${paint(io, 'red', 'error')} ${code}${at === undefined ? '' : ` ${formatPlace(at)}`}`)
  for (const line of message.split('\n')) io.err(`  ${line}`)
  if (at?.frame !== undefined) for (const line of at.frame.split('\n')) io.err(`    ${line}`)
  if (hint !== undefined) io.err(`  → ${hint}`)
}
