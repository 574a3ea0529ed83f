import type { UptimeSegment } from '../record/index.ts'

/** How long a connection was up with data, as segments that grow until it ends. */
export interface Uptime {
  /** A frame came, by both clocks; the first call is for the first data. Where the wall clock was set, a part ends. */
  seen(wallMs: number, monotonicMs: number): void
  /** Segments that are long enough to be written down; cut at borders of hours. */
  grown(): UptimeSegment[]
  /** What is left, and why it ended. Up again with the next `seen`. */
  end(cause: string): UptimeSegment[]
}

/** A segment is written down once it is this long. */
const SEGMENT_MS = 10_000
const HOUR_MS = 3_600_000
/** A smaller difference of the two clocks is none, ms. */
const JUMP_MS = 1_000

/** Uptime of one connection, which begins with its first data and never says more than frames proved. */
export function createUptime(channel: string): Uptime {
  let fromMs: number | undefined
  let toMs = 0
  /** The wall clock less the monotonic one, at the last frame. */
  let offsetMs = 0
  let ended: UptimeSegment[] = []
  const take = (cause: string | undefined): UptimeSegment[] => {
    if (fromMs === undefined || toMs <= fromMs) return []
    const cut = cutAtHours(fromMs, toMs)
    fromMs = toMs
    return cut.map(([from, to], i) => ({
      channel,
      symbol: undefined,
      fromMs: from,
      toMs: to,
      cause: i === cut.length - 1 ? cause : undefined,
    }))
  }
  const close = (cause: string) => {
    const segments = take(cause)
    fromMs = undefined
    toMs = 0
    return segments
  }
  const told = () => {
    const segments = ended
    ended = []
    return segments
  }
  return {
    seen(wallMs, monotonicMs) {
      const nextMs = wallMs - monotonicMs
      if (fromMs !== undefined && Math.abs(nextMs - offsetMs) > JUMP_MS) ended.push(...close('clock_jump'))
      offsetMs = nextMs
      fromMs ??= wallMs
      toMs = Math.max(toMs, wallMs)
    },
    grown() {
      const isLong = fromMs !== undefined && toMs - fromMs >= SEGMENT_MS
      return [...told(), ...(isLong ? take(undefined) : [])]
    },
    end: (cause) => [...told(), ...close(cause)],
  }
}

/** [from, to) in pieces that each lie in one hour. */
function cutAtHours(fromMs: number, toMs: number): [fromMs: number, toMs: number][] {
  const pieces: [number, number][] = []
  for (let startMs = fromMs; startMs < toMs; ) {
    const endMs = Math.min(toMs, (Math.floor(startMs / HOUR_MS) + 1) * HOUR_MS)
    pieces.push([startMs, endMs])
    startMs = endMs
  }
  return pieces
}
