/**
 * Runs `action` so that what was true when it was called is seen by it: one run at a time, and all who call during
 * one share the next. `action` must not reject.
 */
export function coalesced(action: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  return () => {
    next ??= running.then(() => {
      if (next) running = next
      next = undefined
      return action()
    })
    return next
  }
}
