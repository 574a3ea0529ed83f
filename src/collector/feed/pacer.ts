import type { Clock } from '../../base/index.ts'

/** Sends frames one after the other, no faster than an exchange allows. */
export interface Pacer {
  /** `onSent` when the frame went out; never, if the pacer is stopped before. */
  send(frame: string, onSent: () => void): void
  /** Nothing is sent any more. */
  stop(): void
}

/** A pacer for one connection. The first frame goes at once. */
export function createPacer({
  clock,
  everyMs,
  write,
}: {
  readonly clock: Clock
  readonly everyMs: number
  readonly write: (frame: string) => void
}): Pacer {
  const queue: { readonly frame: string; readonly onSent: () => void }[] = []
  const end = new AbortController()
  let isRunning = false
  const run = async () => {
    isRunning = true
    for (let next = queue.shift(); next !== undefined && !end.signal.aborted; next = queue.shift()) {
      write(next.frame)
      next.onSent()
      await clock.sleep(everyMs, end.signal)
    }
    isRunning = false
  }
  return {
    send(frame, onSent) {
      queue.push({ frame, onSent })
      if (!isRunning && !end.signal.aborted) void run()
    },
    stop() {
      queue.length = 0
      end.abort()
    },
  }
}
