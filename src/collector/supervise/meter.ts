import type { FeedStatus } from '../feed/feed.ts'
import type { FeedRates } from './score.ts'

/** What feeds cost, by exchange and kind, from what workers say of them. */
export interface Meter {
  /** Takes a status of a worker process; `nowMs` is monotonic. */
  add(worker: number, feeds: readonly FeedStatus[], nowMs: number): void
  /** A process is gone: its counters end. */
  forget(worker: number): void
  /** Undefined: measured for less than a minute. */
  rates(exchange: string, kind: 'candles' | 'ticks'): FeedRates | undefined
}

/** What is older weighs less: half after so long. */
const HALF_LIFE_MS = 3_600_000
const LEAST_MS = 60_000
/** A process says every second what its feeds do: one that did not for so long is gone. */
const GONE_MS = 300_000

interface Sample {
  readonly bytes: number
  readonly reconnects: number
  readonly atMs: number
}

interface Sums {
  bytes: number
  reconnects: number
  ms: number
}

/** A meter with nothing measured. Its memory is one sample per feed. */
export function createMeter(): Meter {
  const samples = new Map<number, Map<string, Sample>>()
  const sums = new Map<string, Sums>()
  return {
    add(worker, feeds, nowMs) {
      const before = samples.get(worker)
      const now = sampleFeeds(feeds, nowMs)
      samples.set(worker, now)
      for (const [other, feeds] of samples) if (isGone(feeds, nowMs)) samples.delete(other)
      for (const [key, sample] of now) {
        const last = before?.get(key)
        if (last) grow(sums, key, last, sample)
      }
    },
    forget(worker) {
      samples.delete(worker)
    },
    rates(exchange, kind) {
      const sum = sums.get(keyOf(exchange, kind))
      if (!sum || sum.ms < LEAST_MS) return undefined
      // Shards of one exchange run side by side: time counts once for each of them.
      const shards = Math.max(1, shardsOf(samples, keyOf(exchange, kind)))
      return {
        bytesPerSecond: (sum.bytes / sum.ms) * 1000 * shards,
        reconnectsPerMinute: (sum.reconnects / sum.ms) * 60_000 * shards,
      }
    },
  }
}

function isGone(feeds: ReadonlyMap<string, Sample>, nowMs: number): boolean {
  for (const { atMs } of feeds.values()) return nowMs - atMs > GONE_MS
  return false
}

function sampleFeeds(feeds: readonly FeedStatus[], atMs: number): Map<string, Sample> {
  const byKey = new Map<string, Sample>()
  for (const { exchange, kind, bytes, reconnectsByCause } of feeds) {
    const key = keyOf(exchange, kind)
    const other = byKey.get(key)
    const reconnects = Object.values(reconnectsByCause).reduce((sum, count) => sum + count, 0)
    byKey.set(key, {
      bytes: bytes + (other?.bytes ?? 0),
      reconnects: reconnects + (other?.reconnects ?? 0),
      atMs,
    })
  }
  return byKey
}

function grow(sums: Map<string, Sums>, key: string, last: Sample, now: Sample): void {
  const ms = now.atMs - last.atMs
  const kept = 0.5 ** (ms / HALF_LIFE_MS)
  const sum = sums.get(key) ?? { bytes: 0, reconnects: 0, ms: 0 }
  sums.set(key, {
    bytes: sum.bytes * kept + Math.max(0, now.bytes - last.bytes),
    reconnects: sum.reconnects * kept + Math.max(0, now.reconnects - last.reconnects),
    ms: sum.ms * kept + ms,
  })
}

function shardsOf(samples: ReadonlyMap<number, ReadonlyMap<string, Sample>>, key: string): number {
  return [...samples.values()].filter((feeds) => feeds.has(key)).length
}

function keyOf(exchange: string, kind: string): string {
  return `${kind} ${exchange}`
}
