import type { SyncedPart } from '../landing/landing.ts'
import type { FromWorker } from './protocol.ts'

/**
 * One message for two of a worker that wait for a slow supervisor: the newest status, the union of what is synced,
 * one line of log per cause. Undefined where both are needed: asks and answers, which are few.
 */
export function mergeFromWorker(waiting: FromWorker, later: FromWorker): FromWorker | undefined {
  if (waiting.type === 'status' && later.type === 'status') return later
  if (waiting.type === 'synced' && later.type === 'synced') {
    return { type: 'synced', parts: unionOf(waiting.parts, later.parts) }
  }
  if (waiting.type === 'log' && later.type === 'log' && waiting.cause === later.cause) return later
  return undefined
}

/** The furthest of each part; a part only grows. */
function unionOf(before: readonly SyncedPart[], after: readonly SyncedPart[]): SyncedPart[] {
  const parts = new Map(before.map((part) => [part.path, part]))
  for (const part of after) parts.set(part.path, part)
  return [...parts.values()]
}
