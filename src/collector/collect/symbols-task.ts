import { symbolLines } from '../status/symbol-lines.ts'
import type { TaskInput } from './task-input.ts'

/** At the start feeds have so long to subscribe. */
const FIRST_MS = 120_000
const EVERY_MS = 3_600_000

/** Names symbols that are rejected or silent: two minutes after the start, then hourly. */
export async function symbolsTask({ input, base, status, signal }: TaskInput): Promise<void> {
  for (let waitMs = FIRST_MS; await input.clock.sleep(waitMs, signal); waitMs = EVERY_MS) {
    for (const exchange of status().exchanges) {
      for (const [cause, line] of symbolLines(exchange)) base.log('warn', cause, line)
    }
  }
}
