import type { Clock } from '../../base/index.ts'
import type { Log } from '../status/log.ts'

/** What runs beside the others. */
export interface Task {
  /** `repair`: what the log calls it. */
  readonly name: string
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly run: () => Promise<void>
}

const AGAIN_AFTER_MS = 60_000

/** Runs a task to its end; one that fails is a line in the log and begins again a minute later. Never rejects. */
export async function keepRunning({ name, clock, log, signal, run }: Task): Promise<void> {
  while (!signal.aborted) {
    try {
      await run()
      return
    } catch (error) {
      if (signal.aborted) return
      log('error', `${name}_failed`, `${name}: ${error instanceof Error ? error.message : String(error)}`)
      await clock.sleep(AGAIN_AFTER_MS, signal)
    }
  }
}
