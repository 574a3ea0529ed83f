import type { Clock } from '../../base/index.ts'
import type { SyncedPart } from '../landing/landing.ts'

/** How far the landing of this worker has come. */
export interface SyncWatch {
  synced(parts: readonly SyncedPart[]): void
  /** Of all parts together. */
  bytes(): number
  /** Seconds since the last synced line; null: none yet. */
  sinceS(): number | null
}

/** Nothing synced yet. */
export function createSyncWatch(clock: Clock): SyncWatch {
  const open = new Map<string, number>()
  let bytes = 0
  let atMs: number | undefined
  return {
    synced(parts) {
      for (const { path, bytes: length, isSealed } of parts) {
        const grown = length - (open.get(path) ?? 0)
        bytes += grown
        if (grown > 0) atMs = clock.monotonicMs()
        if (isSealed) open.delete(path)
        else open.set(path, length)
      }
    },
    bytes: () => bytes,
    sinceS: () => (atMs === undefined ? null : (clock.monotonicMs() - atMs) / 1000),
  }
}
