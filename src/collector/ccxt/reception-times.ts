import type { Clock } from '../../base/index.ts'

/** When a frame came in, by both clocks. */
export interface ReceptionTime {
  /** Wall clock, ms with microseconds behind the point. */
  readonly wallMs: number
  readonly monotonicNs: bigint
}

/**
 * Times of frames that come faster than the wall clock ticks: microseconds are counted on by the monotonic clock
 * within a millisecond, and no two frames share a time.
 */
export function receptionTimes(clock: Clock): () => ReceptionTime {
  let tickMs = Number.NaN
  let tickMonotonicMs = 0
  let lastUs = 0
  let lastNs = 0n
  return () => {
    const monotonicMs = clock.monotonicMs()
    const wallMs = Math.floor(clock.now())
    if (wallMs !== tickMs) {
      // A clock that was set back begins anew.
      if (wallMs < tickMs) lastUs = 0
      tickMs = wallMs
      tickMonotonicMs = monotonicMs
    }
    const inside = Math.min(999, Math.floor((monotonicMs - tickMonotonicMs) * 1000))
    lastUs = Math.max(lastUs + 1, wallMs * 1000 + inside)
    const ns = BigInt(Math.round(monotonicMs * 1e6))
    lastNs = ns > lastNs ? ns : lastNs + 1n
    return { wallMs: lastUs / 1000, monotonicNs: lastNs }
  }
}
