import { type DiskAdvice, type DiskState, ROOMY_DISK } from '../landing/disk-guard.ts'
import type { LandingShown } from './status.ts'

/** What is known of the disk, and what was done about it. */
export interface DiskWatch {
  note(freeBytes: number, advice: DiskAdvice): void
  state(): DiskState
  shown(): Pick<LandingShown, 'freeBytes' | 'paused'>
}

/** A disk that nobody has looked at yet. */
export function createDiskWatch(): DiskWatch {
  let state = ROOMY_DISK
  let free: number | null = null
  return {
    note(freeBytes, advice) {
      free = freeBytes
      state = advice.state
    },
    state: () => state,
    shown: () => ({
      freeBytes: free,
      paused: [...(state.areTicksStopped ? ['ticks'] : []), ...(state.areCandlesStopped ? ['candles'] : [])],
    }),
  }
}
