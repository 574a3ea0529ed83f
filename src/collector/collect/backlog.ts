import type { SyncedPart } from '../landing/landing.ts'

/** Parts that wait to be loaded, each with its newest synced length. The files are the backlog; this is a window on it. */
export interface Backlog {
  /** Takes a part; gives false for a sealed one there is no room for: it is found again in the landing. */
  add(part: SyncedPart, nowMs: number): boolean
  /**
   * Up to `count` parts that are due, those first that wait longest. Parts that are still written are up to half of
   * them: new data does not wait behind a long backlog.
   */
  next(count: number, nowMs: number): readonly SyncedPart[]
  /** So much of a part is done; it waits on if it grew meanwhile. */
  done(path: string, loadedBytes: number, nowMs: number): void
  /** Not tried again before `dueMs`. */
  later(path: string, dueMs: number): void
  size(): number
  hasRoom(): boolean
  /** Not loaded, bytes. */
  bytes(): number
  /** How long the oldest waits, ms; 0 where none does. */
  ageMs(nowMs: number): number
}

interface Waiting {
  part: SyncedPart
  loadedBytes: number
  sinceMs: number
  dueMs: number
}

/** An empty backlog of at most `limit` parts, but for parts that are still written. */
export function createBacklog(limit: number): Backlog {
  const waiting = new Map<string, Waiting>()
  /** How much of parts that are still written is loaded. */
  const growing = new Map<string, number>()
  return {
    add(part, nowMs) {
      const known = waiting.get(part.path)
      if (known) {
        if (part.bytes >= known.part.bytes) known.part = part
        return true
      }
      const loadedBytes = growing.get(part.path) ?? 0
      if (part.isSealed) growing.delete(part.path)
      if (part.bytes <= loadedBytes) return true
      if (part.isSealed && waiting.size >= limit) return false
      waiting.set(part.path, { part, loadedBytes, sinceMs: nowMs, dueMs: 0 })
      return true
    },
    next(count, nowMs) {
      const [growing, others]: [SyncedPart[], SyncedPart[]] = [[], []]
      for (const { part, dueMs } of waiting.values()) {
        if (dueMs > nowMs) continue
        if (!part.isSealed && growing.length < count / 2) growing.push(part)
        else if (others.length < count) others.push(part)
      }
      return [...growing, ...others].slice(0, count)
    },
    done(path, loadedBytes, nowMs) {
      const known = waiting.get(path)
      if (!known) return
      waiting.delete(path)
      const { part } = known
      if (loadedBytes < part.bytes) waiting.set(path, { part, loadedBytes, sinceMs: nowMs, dueMs: 0 })
      else if (!part.isSealed) growing.set(path, loadedBytes)
    },
    later(path, dueMs) {
      const known = waiting.get(path)
      if (known) known.dueMs = dueMs
    },
    size: () => waiting.size,
    hasRoom: () => waiting.size < limit,
    bytes() {
      let bytes = 0
      for (const { part, loadedBytes } of waiting.values()) bytes += part.bytes - loadedBytes
      return bytes
    },
    ageMs(nowMs) {
      let oldestMs = nowMs
      for (const { sinceMs } of waiting.values()) oldestMs = Math.min(oldestMs, sinceMs)
      return nowMs - oldestMs
    },
  }
}
