/** Frames per second of each exchange, of the last seconds. */
export interface FrameRates {
  /** Takes counts since the start, by exchange. */
  add(frames: ReadonlyMap<string, number>, nowMs: number): void
  perSecond(exchange: string): number
}

const OVER_MS = 10_000
/** Whoever looks more often than this sees the same. */
const LEAST_MS = 500

interface Sample {
  readonly frames: ReadonlyMap<string, number>
  readonly atMs: number
}

/** Rates over the last ten seconds, or as long as there is something to tell. */
export function createFrameRates(): FrameRates {
  const samples: Sample[] = []
  return {
    add(frames, atMs) {
      const last = samples.at(-1)
      if (last && atMs - last.atMs < LEAST_MS) return
      samples.push({ frames, atMs })
      while (samples[1] && atMs - samples[1].atMs >= OVER_MS) samples.shift()
    },
    perSecond(exchange) {
      const [first, last] = [samples[0], samples.at(-1)]
      if (!first || !last || last.atMs === first.atMs) return 0
      const grown = (last.frames.get(exchange) ?? 0) - (first.frames.get(exchange) ?? 0)
      return (Math.max(0, grown) / (last.atMs - first.atMs)) * 1000
    },
  }
}
