import type { Clock } from '../../base/index.ts'

/** One line for the operator; a cause that goes on is not repeated at once. */
export type Log = (level: LogLevel, cause: string, message: string) => void

export type LogLevel = 'info' | 'warn' | 'error'

/** A line that is shown. */
export interface LogLine {
  readonly level: LogLevel
  readonly cause: string
  readonly message: string
  /** Lines of this cause since the one before that were not shown. */
  readonly suppressed: number
}

const AGAIN_AFTER_MS = 60_000
const MOST_CAUSES = 1_000

/** A log that shows at most one line per cause a minute, and says how many it kept back. */
export function rateLimitedLog(clock: Clock, show: (line: LogLine) => void): Log {
  const causes = new Map<string, { shownMs: number; suppressed: number }>()
  return (level, cause, message) => {
    const nowMs = clock.monotonicMs()
    const known = causes.get(cause)
    if (known && nowMs - known.shownMs < AGAIN_AFTER_MS) {
      known.suppressed += 1
      return
    }
    causes.delete(cause)
    if (causes.size >= MOST_CAUSES)
      for (const oldest of [...causes.keys()].slice(0, 100)) causes.delete(oldest)
    causes.set(cause, { shownMs: nowMs, suppressed: 0 })
    show({ level, cause, message, suppressed: known?.suppressed ?? 0 })
  }
}
