/** When frames and data of one connection came. Times are monotonic ms. Cheap: it is told of every frame. */
export interface DataWatch {
  /** A frame of any kind. */
  frame(nowMs: number): void
  /** Data of a symbol. */
  data(symbol: string, nowMs: number): void
  /** Of the newest frame; at first when the watch began. */
  frameMs(): number
  /** Of the newest data of a symbol; undefined: none yet. */
  dataMs(symbol: string): number | undefined
  /** Median time between the newest data of a symbol; undefined: too few to tell. */
  gapMs(symbol: string): number | undefined
}

/** Gaps kept per symbol: an odd number, so that the median is one of them. */
const GAPS = 31
/** Fewer say nothing. */
const FEWEST_GAPS = 5

interface Beat {
  lastMs: number
  readonly gaps: Float64Array
  count: number
  /** Undefined: gaps came since it was worked out. */
  median: number | undefined
}

/** A watch that has seen nothing. */
export function createDataWatch(nowMs: number): DataWatch {
  const beats = new Map<string, Beat>()
  let frameMs = nowMs
  return {
    frame(atMs) {
      frameMs = atMs
    },
    data(symbol, atMs) {
      const beat = beats.get(symbol)
      if (beat === undefined) {
        beats.set(symbol, { lastMs: atMs, gaps: new Float64Array(GAPS), count: 0, median: undefined })
        return
      }
      beat.gaps[beat.count % GAPS] = atMs - beat.lastMs
      beat.count += 1
      beat.lastMs = atMs
      beat.median = undefined
    },
    frameMs: () => frameMs,
    dataMs: (symbol) => beats.get(symbol)?.lastMs,
    gapMs(symbol) {
      const beat = beats.get(symbol)
      if (beat === undefined || beat.count < FEWEST_GAPS) return undefined
      beat.median ??= medianOf(beat.gaps.slice(0, Math.min(beat.count, GAPS)))
      return beat.median
    },
  }
}

function medianOf(gaps: Float64Array): number {
  gaps.sort()
  return gaps[Math.floor(gaps.length / 2)] ?? 0
}
