/** What happened and was not taken yet. */
export interface EventQueue<Event> {
  push(event: Event): void
  /** All there is, in order; the queue is empty then. */
  take(): readonly Event[]
  /** Resolves when there is something to take. */
  filled(signal: AbortSignal): Promise<void>
}

/** A queue of at most `limit` events: where nobody takes them, the oldest are dropped. */
export function createEventQueue<Event>(limit: number): EventQueue<Event> {
  const events: Event[] = []
  let wake = () => {}
  return {
    push(event) {
      if (events.length >= limit) events.shift()
      events.push(event)
      wake()
    },
    take: () => events.splice(0),
    async filled(signal) {
      if (events.length > 0 || signal.aborted) return
      await new Promise<void>((resolve) => {
        const stop = () => {
          signal.removeEventListener('abort', stop)
          wake = () => {}
          resolve()
        }
        wake = stop
        signal.addEventListener('abort', stop, { once: true })
      })
    },
  }
}
