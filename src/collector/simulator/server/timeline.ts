import { type Clock, PriorityQueue } from '../../../base/index.ts'

/**
 * The simulator's time and what is to happen in it. It begins at the clock's wall time and follows its monotonic
 * one: an exchange's time does not jump when ours does.
 */
export interface Timeline extends AsyncDisposable {
  /** ms since the epoch; never goes back. */
  now(): number
  /** Runs once at `atMs`, or as soon as possible after it. Gives what calls it off. */
  at(atMs: number, run: () => void): () => void
  /** How late calls were lately, ms: how much of a burst is ours, not a client's. */
  lagMs(): number
}

interface Entry {
  readonly priority: number
  readonly atMs: number
  readonly run: () => void
  isOff: boolean
}

/** The longest sleep, ms: what is due sooner wakes the timeline itself. */
const LONGEST_SLEEP_MS = 600_000
/** So many calls at a time, then sockets have their turn. */
const CALLS_AT_ONCE = 2000
const LAG_DECAY = 0.9

/** Starts a timeline; dispose it to call everything off. */
export function openTimeline(clock: Clock): Timeline {
  const baseMs = clock.now() - clock.monotonicMs()
  const queue = new PriorityQueue<Entry>()
  const now = () => baseMs + clock.monotonicMs()
  let [lagMs, wakesAtMs, isEnded] = [0, Number.POSITIVE_INFINITY, false]
  let wake = new AbortController()
  /** Runs what is due; gives when the next is. */
  const runDue = (): number => {
    for (let calls = 0; calls < CALLS_AT_ONCE && !isEnded; calls++) {
      const entry = queue.pop()
      if (entry === undefined) return now() + LONGEST_SLEEP_MS
      if (entry.isOff) continue
      const lateMs = now() - entry.atMs
      if (lateMs < 0) {
        queue.push(entry)
        return Math.min(entry.atMs, now() + LONGEST_SLEEP_MS)
      }
      lagMs = Math.max(lagMs * LAG_DECAY, lateMs)
      entry.run()
    }
    return now()
  }
  const loop = async () => {
    while (!isEnded) {
      wakesAtMs = runDue()
      wake = new AbortController()
      await clock.sleep(Math.max(0, wakesAtMs - now()), wake.signal)
    }
  }
  const running = loop()
  return {
    now,
    at(atMs, run) {
      const entry = { priority: -atMs, atMs, run, isOff: false }
      queue.push(entry)
      if (atMs < wakesAtMs) wake.abort()
      return () => {
        entry.isOff = true
      }
    },
    lagMs: () => lagMs,
    [Symbol.asyncDispose]: async () => {
      isEnded = true
      wake.abort()
      await running
    },
  }
}
