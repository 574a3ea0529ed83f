import { isKxError, KxError } from '../../base/index.ts'

/** The error for a file that cannot be read to its end; one that is told already stays as it is. */
export function unreadable(path: string, cause: unknown): KxError {
  if (isKxError(cause)) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new KxError('KX_LOAD_FAILED', `${path} cannot be read: ${reason}`, {
    hint: 'Check that the file is whole and may be read, then load it again.',
    at: { file: path },
    cause,
  })
}
