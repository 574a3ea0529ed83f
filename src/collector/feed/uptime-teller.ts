import type { Clock } from '../../base/index.ts'
import { uptimeLine } from '../delivery/index.ts'
import type { LandingLine, UptimeSegment } from '../record/index.ts'
import { momentOf } from './note-event.ts'
import { createUptime } from './uptime.ts'

/** Lands how long a connection was up: from its first data on, and only while its data is alive. */
export interface UptimeTeller {
  data(wallMs: number, monotonicMs: number): void
  /** A frame without data, or a beat of the protocol: counts once there was data, and unless it is dead. */
  alive(wallMs: number, monotonicMs: number): void
  /** With time. `isDead`: its symbols do not deliver, whatever its heartbeats say. */
  tick(isDead: boolean): void
  /** It ends here, or is interrupted. */
  end(cause: string): void
}

/** What it takes to land uptime. */
export interface UptimeOptions {
  readonly clock: Clock
  readonly exchange: string
  readonly channel: string
  readonly feedId: string
  readonly land: (lines: readonly LandingLine[]) => void
}

/** For a connection that has no data yet. */
export function createUptimeTeller(options: UptimeOptions): UptimeTeller {
  const uptime = createUptime(options.channel)
  let hasData = false
  let isSilent = false
  const land = (segments: readonly UptimeSegment[]) => {
    if (segments.length === 0) return
    const moment = momentOf(options.clock, options)
    options.land(segments.map((segment) => uptimeLine(moment, segment)))
  }
  return {
    data(wallMs, monotonicMs) {
      hasData = true
      isSilent = false
      uptime.seen(wallMs, monotonicMs)
    },
    alive(wallMs, monotonicMs) {
      if (hasData && !isSilent) uptime.seen(wallMs, monotonicMs)
    },
    tick(isDead) {
      land(isDead && !isSilent ? uptime.end('silent') : uptime.grown())
      isSilent = isDead
    },
    end: (cause) => land(uptime.end(cause)),
  }
}
