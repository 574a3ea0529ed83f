import type { KxErrorCode } from './error-codes.ts'

/** A place in a file that the user wrote. Lines and columns count from 1. */
export interface Place {
  /** Relative to the project directory. */
  readonly file: string
  readonly line?: number
  readonly column?: number
  /** The line itself and its neighbours, ready to print, when the reporter has the text. */
  readonly frame?: string
}

export interface KxErrorOptions {
  /** One thing to do, as an order. */
  readonly hint?: string
  readonly at?: Place
  readonly cause?: unknown
}

/**
 * The one error class: a stable code, the place in the user's file and one thing to do.
 *
 * @see docs/errors.md
 */
export class KxError extends Error {
  readonly code: KxErrorCode
  readonly hint: string | undefined
  readonly at: Place | undefined

  constructor(code: KxErrorCode, message: string, { hint, at, cause }: KxErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'KxError'
    this.code = code
    this.hint = hint
    this.at = at
  }
}

/** `file:line:column`, as far as it is known. */
export function formatPlace({ file, line, column }: Place): string {
  return [file, line, column].filter((part) => part !== undefined).join(':')
}

/** Whether `error` is a KxError, of `code` if one is given. */
export function isKxError(error: unknown, code?: KxErrorCode): error is KxError {
  return error instanceof KxError && (code === undefined || error.code === code)
}

/** The same error at `at`, whatever place it had before. */
export function placedAt({ code, message, hint, cause }: KxError, at: Place): KxError {
  return new KxError(code, message, { at, cause, ...(hint === undefined ? {} : { hint }) })
}

/** The same error with a place, if it is a KxError that has none yet; anything else unchanged. */
export function withPlace(error: unknown, at: Place): unknown {
  return isKxError(error) && error.at === undefined ? placedAt(error, at) : error
}
