import type { Session } from '../../warehouse/index.ts'
import type { RunContext } from './context.ts'

/** A cancelled session may go on to its next statement: it is asked again after so long. */
const AGAIN_MS = 50

/**
 * Cancels what `session` runs from the moment the run is interrupted until this is disposed, so that a step in
 * flight ends at once and rolls back, however long its statement would take.
 */
export function cancelWhenInterrupted(
  { warehouse, clock, signal }: RunContext,
  session: Session,
): AsyncDisposable {
  const over = new AbortController()
  let cancelling: Promise<void> | undefined
  const cancel = async () => {
    while (!over.signal.aborted) {
      await warehouse.query('select pg_cancel_backend($1)', [session.processId]).catch(() => undefined)
      await clock.sleep(AGAIN_MS, over.signal)
    }
  }
  const begin = () => {
    cancelling ??= cancel()
  }
  if (signal.aborted) begin()
  else signal.addEventListener('abort', begin, { once: true })
  return {
    [Symbol.asyncDispose]: async () => {
      signal.removeEventListener('abort', begin)
      over.abort()
      await cancelling
    },
  }
}
