import type { Clock } from '../../base/index.ts'

/** Tells when the wall clock was set: it moved otherwise than the monotonic one. */
export interface WallWatch {
  /** By how much since the last look, ms; undefined: it was not. */
  look(): number | undefined
}

/** A smaller difference is none, ms: clocks are slewed all the time. */
const JUMP_MS = 1_000
/** Two readings of one moment must be this close, ms, or they tell nothing. */
const READING_MS = 250

/** Watches `clock` from now on. */
export function createWallWatch(clock: Clock): WallWatch {
  let last = read(clock)
  return {
    look() {
      const next = read(clock)
      if (next === undefined) return undefined
      const before = last
      last = next
      if (before === undefined) return undefined
      const jumpMs = next.wallMs - before.wallMs - (next.monotonicMs - before.monotonicMs)
      return Math.abs(jumpMs) > JUMP_MS ? Math.round(jumpMs) : undefined
    },
  }
}

function read(clock: Clock): { wallMs: number; monotonicMs: number } | undefined {
  const monotonicMs = clock.monotonicMs()
  const wallMs = clock.now()
  return clock.monotonicMs() - monotonicMs < READING_MS ? { wallMs, monotonicMs } : undefined
}
