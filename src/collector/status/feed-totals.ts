import type { FeedStatus } from '../feed/feed.ts'

/** Counts of one exchange since the collector started, over every process that served it. */
export interface FeedTotals {
  readonly frames: number
  readonly bytes: number
  readonly records: number
  readonly deadLetters: number
  readonly reconnectsByCause: Readonly<Record<string, number>>
}

/** Adds up counters that begin anew with each process. */
export interface TotalsCounter {
  /** Takes a status of a worker process. */
  add(worker: number, feeds: readonly FeedStatus[]): void
  /** A process is gone; what it counted stays. */
  forget(worker: number): void
  /** By exchange. */
  totals(): ReadonlyMap<string, FeedTotals>
}

const nothing: FeedTotals = { frames: 0, bytes: 0, records: 0, deadLetters: 0, reconnectsByCause: {} }

/** A counter at nought. Its memory is two sets of numbers per exchange and process. */
export function createTotals(): TotalsCounter {
  const ended = new Map<string, FeedTotals>()
  const running = new Map<number, ReadonlyMap<string, FeedTotals>>()
  return {
    add(worker, feeds) {
      running.set(worker, sumUp(feeds.map((feed) => [feed.exchange, feed])))
    },
    forget(worker) {
      for (const [exchange, last] of running.get(worker) ?? []) {
        ended.set(exchange, plus(ended.get(exchange) ?? nothing, last))
      }
      running.delete(worker)
    },
    totals: () => sumUp([...ended, ...[...running.values()].flatMap((feeds) => [...feeds])]),
  }
}

function sumUp(parts: Iterable<readonly [string, FeedTotals]>): Map<string, FeedTotals> {
  const sums = new Map<string, FeedTotals>()
  for (const [exchange, part] of parts) sums.set(exchange, plus(sums.get(exchange) ?? nothing, part))
  return sums
}

function plus(a: FeedTotals, b: FeedTotals): FeedTotals {
  const reconnectsByCause: Record<string, number> = { ...a.reconnectsByCause }
  for (const [cause, count] of Object.entries(b.reconnectsByCause)) {
    reconnectsByCause[cause] = (reconnectsByCause[cause] ?? 0) + count
  }
  return {
    frames: a.frames + b.frames,
    bytes: a.bytes + b.bytes,
    records: a.records + b.records,
    deadLetters: a.deadLetters + b.deadLetters,
    reconnectsByCause,
  }
}
