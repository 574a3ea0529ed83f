import type { Clock } from '../../base/index.ts'
import type { FeedContext } from '../feed/feed.ts'
import type { FromWorker } from './protocol.ts'

/** Between two lines of one cause, ms. */
const EVERY_MS = 1_000
/** Causes remembered: more are made only by garbage. */
const MOST_CAUSES = 2_000

/** One line per cause and second; how many were left out is said with the next. */
export function createWorkerLog(clock: Clock, send: (message: FromWorker) => void): FeedContext['log'] {
  const said = new Map<string, { atMs: number; leftOut: number }>()
  return (level, cause, message) => {
    const nowMs = clock.monotonicMs()
    const last = said.get(cause)
    if (last !== undefined && nowMs - last.atMs < EVERY_MS) {
      last.leftOut += 1
      return
    }
    if (said.size >= MOST_CAUSES) said.clear()
    said.set(cause, { atMs: nowMs, leftOut: 0 })
    const more = last !== undefined && last.leftOut > 0 ? ` (and ${last.leftOut} more)` : ''
    send({ type: 'log', level, cause, message: message + more })
  }
}
