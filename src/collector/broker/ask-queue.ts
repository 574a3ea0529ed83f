import { setMaxListeners } from 'node:events'
import type { BrokerAsk } from './broker.ts'

/** Who waits for a grant. */
export interface WaitingAsk {
  /** Of its coming. */
  readonly ticket: number
  readonly weight: number
  readonly priority: BrokerAsk['priority']
  readonly resolve: () => void
}

/** Asks in the order in which they are granted: live before history, first come first served within each. */
export interface AskQueue {
  /** Takes a place. @throws the signal's reason, when it aborts before the grant */
  add(ask: {
    readonly weight: number
    readonly priority: BrokerAsk['priority']
    readonly signal: AbortSignal | undefined
  }): Promise<void>
  first(): WaitingAsk | undefined
  /** Removes it, to be resolved or put back. */
  take(ask: WaitingAsk): void
  /** Gives its place back to one that was taken, unless it was given up meanwhile. */
  putBack(ask: WaitingAsk): void
}

/** A queue in which nobody waits. */
export function createAskQueue(): AskQueue {
  const waiting: Record<BrokerAsk['priority'], WaitingAsk[]> = { live: [], history: [] }
  const givenUp = new WeakSet<WaitingAsk>()
  let tickets = 0
  function take(ask: WaitingAsk): void {
    const place = waiting[ask.priority].indexOf(ask)
    if (place >= 0) waiting[ask.priority].splice(place, 1)
  }
  return {
    add: ({ weight, priority, signal }) =>
      new Promise((resolve, reject) => {
        const giveUp = () => {
          givenUp.add(ask)
          take(ask)
          reject(signal?.reason)
        }
        tickets += 1
        const ask: WaitingAsk = {
          ticket: tickets,
          weight,
          priority,
          resolve: () => {
            signal?.removeEventListener('abort', giveUp)
            resolve()
          },
        }
        if (signal) {
          // A worker asks for many symbols under the one signal that ends with it: Node would call that a leak.
          setMaxListeners(0, signal)
          signal.addEventListener('abort', giveUp, { once: true })
        }
        waiting[priority].push(ask)
      }),
    first: () => waiting.live[0] ?? waiting.history[0],
    take,
    putBack(ask) {
      if (givenUp.has(ask)) return
      const place = waiting[ask.priority].findIndex(({ ticket }) => ticket > ask.ticket)
      waiting[ask.priority].splice(place < 0 ? waiting[ask.priority].length : place, 0, ask)
    },
  }
}
