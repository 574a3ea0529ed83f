/** The time, and waiting for it. Everything that waits goes through a Clock, so tests can run it faster. */
export interface Clock {
  /** Wall clock, ms since the epoch. It may jump. */
  now(): number
  /** Ms since some moment of this process; never goes back. Intervals are measured with it. */
  monotonicMs(): number
  /** Resolves with true after `ms`, or at once with `false` when `signal` aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<boolean>
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) => sleepFor(ms, signal),
}

/** How another time runs beside the machine's. */
export interface ClockScale {
  /** Ms of this clock per ms of the machine's: 60 makes a minute of an hour's second. */
  readonly factor: number
  /** The machine's wall clock, ms, at which this clock showed `atMs`. */
  readonly realMs: number
  readonly atMs: number
  /** Added to the wall clock alone: a clock that is wrong, or was set. */
  readonly skewMs?: number
}

/** A clock that runs `factor` times as fast as the machine's. `scale` is asked each time: a test may move it. */
export function scaledClock(scale: () => ClockScale): Clock {
  return {
    now() {
      const { factor, realMs, atMs, skewMs = 0 } = scale()
      return atMs + (Date.now() - realMs) * factor + skewMs
    },
    monotonicMs: () => performance.now() * scale().factor,
    sleep: (ms, signal) => sleepFor(ms / scale().factor, signal),
  }
}

/** A timer's longest wait, ms; a longer one would end at once. */
const LONGEST_MS = 2_147_483_647

function sleepFor(ms: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve(false)
    const abort = () => {
      clearTimeout(timer)
      resolve(false)
    }
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', abort)
        resolve(true)
      },
      Math.min(ms, LONGEST_MS),
    )
    signal?.addEventListener('abort', abort, { once: true })
  })
}
