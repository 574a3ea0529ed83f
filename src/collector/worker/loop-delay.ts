import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type Clock, systemClock } from '../../base/index.ts'

/** How late this process's event loop is, over the last half a minute or more. */
export interface LoopDelay extends Disposable {
  p99Ms(): number
}

const RESOLUTION_MS = 20
const OVER_MS = 30_000

/** Starts to measure; goes by the machine's own clock. */
export function openLoopDelay(machine: Clock = systemClock): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  let sinceMs = machine.monotonicMs()
  let lastMs = 0
  // What it measures includes its own wait.
  const measured = () => Math.max(0, histogram.percentile(99) / 1e6 - RESOLUTION_MS)
  return {
    p99Ms() {
      if (machine.monotonicMs() - sinceMs < OVER_MS) return Math.max(lastMs, measured())
      lastMs = measured()
      histogram.reset()
      sinceMs = machine.monotonicMs()
      return lastMs
    },
    [Symbol.dispose]: () => {
      histogram.disable()
    },
  }
}
