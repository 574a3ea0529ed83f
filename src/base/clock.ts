/** The time, and waiting for it. Everything that waits goes through a Clock, so tests can run it faster. */
export interface Clock {
  /** Wall clock, ms since the epoch. */
  now(): number
  /** Resolves after `ms`, or at once with `false` when `signal` aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<boolean>
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve(false)
      const abort = () => {
        clearTimeout(timer)
        resolve(false)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort)
        resolve(true)
      }, ms)
      signal?.addEventListener('abort', abort, { once: true })
    }),
}
