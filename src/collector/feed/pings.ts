import type { Clock } from '../../base/index.ts'
import type { Mapper } from '../exchange/index.ts'
import { type ClockOffset, OFFSET_SAMPLES } from './clock-offset.ts'

/** Pings of the exchange's own protocol, and what their answers say of its clock. */
export interface Pings {
  /** Sends one if it is time. */
  tick(): void
  /** An answer came; `serverMs`: the exchange's clock in it. */
  answered(serverMs: number | undefined): void
}

/** The first few follow each other sooner: they measure the clock. */
const FIRST_EVERY_MS = 1_000

/** What pings need; nothing is pinged where the protocol does it by itself. */
export interface PingOptions {
  readonly clock: Clock
  readonly mapper: Mapper
  readonly offset: ClockOffset
  readonly send: (frame: string, onSent: () => void) => void
  readonly nextId: () => number
}

/** Pings of one connection, from now on. */
export function createPings({ clock, mapper, offset, send, nextId }: PingOptions): Pings {
  const { pingEveryMs } = mapper.limits
  let dueMs = clock.monotonicMs()
  let sent = 0
  let askedMs: number | undefined
  return {
    tick() {
      const nowMs = clock.monotonicMs()
      if (mapper.ping === undefined || pingEveryMs === undefined || nowMs < dueMs) return
      sent += 1
      dueMs = nowMs + (sent < OFFSET_SAMPLES ? Math.min(FIRST_EVERY_MS, pingEveryMs) : pingEveryMs)
      send(mapper.ping(nextId()), () => {
        askedMs = clock.monotonicMs()
      })
    },
    answered(serverMs) {
      if (askedMs === undefined || serverMs === undefined) return
      const roundTripMs = clock.monotonicMs() - askedMs
      // By our clock of now: it may have been set since the ping went out.
      offset.add(serverMs - (clock.now() - roundTripMs / 2))
      askedMs = undefined
    },
  }
}
