/** How far an exchange's clock is ahead of ours, from several measurements. */
export interface ClockOffset {
  /** One measurement, ms. */
  add(offsetMs: number): void
  /** Median of the last five, ms; undefined: none yet. */
  offsetMs(): number | undefined
  /** Our clock was set: what was measured is void. */
  forget(): void
}

/** Measurements that the median is of. */
export const OFFSET_SAMPLES = 5

/** Nothing measured yet. */
export function createClockOffset(): ClockOffset {
  let samples: number[] = []
  return {
    add(offsetMs) {
      samples = [...samples, offsetMs].slice(-OFFSET_SAMPLES)
    },
    offsetMs() {
      const sorted = samples.toSorted((a, b) => a - b)
      return sorted[Math.floor(sorted.length / 2)]
    },
    forget() {
      samples = []
    },
  }
}
