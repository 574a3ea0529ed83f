import type { Clock } from '../../base/index.ts'

/** Whether so much time has passed since it last said yes; yes at first. */
export function every(clock: Pick<Clock, 'monotonicMs'>, ms: number): () => boolean {
  let lastMs: number | undefined
  return () => {
    const nowMs = clock.monotonicMs()
    if (lastMs !== undefined && nowMs - lastMs < ms) return false
    lastMs = nowMs
    return true
  }
}
