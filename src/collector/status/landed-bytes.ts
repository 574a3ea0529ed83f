import type { SyncedPart } from '../landing/landing.ts'

/** What was landed since the collector started, by exchange. */
export interface LandedBytes {
  add(parts: readonly SyncedPart[]): void
  /** Nothing more comes of these paths: their writer is gone. */
  forget(isGone: (path: string) => boolean): void
  bytesByExchange(): ReadonlyMap<string, number>
}

/** A count at nought; it remembers parts that are still written. */
export function createLandedBytes(): LandedBytes {
  const growing = new Map<string, number>()
  const sums = new Map<string, number>()
  return {
    add(parts) {
      for (const { path, bytes, isSealed } of parts) {
        const exchange = /(?:^|\/)exchange=([^/]+)\//.exec(path)?.[1] ?? ''
        const grown = bytes - (growing.get(path) ?? 0)
        sums.set(exchange, (sums.get(exchange) ?? 0) + Math.max(0, grown))
        if (isSealed) growing.delete(path)
        else growing.set(path, bytes)
      }
    },
    forget(isGone) {
      for (const path of growing.keys()) if (isGone(path)) growing.delete(path)
    },
    bytesByExchange: () => sums,
  }
}
