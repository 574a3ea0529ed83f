import type { Clock } from '../../base/index.ts'

/** An exchange's clock as its answers tell it; our own may be an hour off. */
export interface ExchangeTime {
  /** Its clock now, or a little earlier, ms; undefined: not heard of lately. */
  nowMs(): number | undefined
  /** Its clock shows `serverMs` at this moment. */
  heard(serverMs: number): void
}

/** What was heard is carried on by our monotonic clock for so long, ms. */
const CARRIED_MS = 600_000

/** An exchange's clock, nothing heard of it yet. */
export function createExchangeTime(clock: Pick<Clock, 'monotonicMs'>): ExchangeTime {
  let heard: { readonly serverMs: number; readonly atMs: number } | undefined
  return {
    nowMs() {
      if (!heard) return undefined
      const sinceMs = clock.monotonicMs() - heard.atMs
      return sinceMs > CARRIED_MS ? undefined : heard.serverMs + sinceMs
    },
    heard(serverMs) {
      heard = { serverMs, atMs: clock.monotonicMs() }
    },
  }
}
