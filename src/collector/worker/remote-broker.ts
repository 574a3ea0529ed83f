import type { Broker, BrokerAsk } from '../broker/broker.ts'
import type { FromWorker } from './protocol.ts'

/** The supervisor's broker, asked over the channel. */
export interface RemoteBroker extends Broker {
  /** The supervisor grants what was asked under this number. */
  granted(id: number): void
}

interface Pending {
  readonly key: string
  /** Undefined: who asked has left. The next who asks for the same takes his place in the queue. */
  resolve: (() => void) | undefined
}

/** A broker that is somewhere else. */
export function createRemoteBroker(send: (message: FromWorker) => void): RemoteBroker {
  const pending = new Map<number, Pending>()
  let nextId = 0
  const place = (ask: BrokerAsk): Pending => {
    const key = JSON.stringify([ask.address, ask.kind, ask.weight, ask.priority])
    const left = [...pending.values()].find((one) => one.resolve === undefined && one.key === key)
    if (left !== undefined) return left
    const id = nextId++
    const fresh: Pending = { key, resolve: undefined }
    pending.set(id, fresh)
    send({ type: 'ask', id, ask })
    return fresh
  }
  return {
    async grant(ask, signal) {
      signal?.throwIfAborted()
      const mine = place(ask)
      await new Promise<void>((resolve, reject) => {
        const leave = () => {
          mine.resolve = undefined
          reject(signal?.reason)
        }
        mine.resolve = () => {
          signal?.removeEventListener('abort', leave)
          resolve()
        }
        signal?.addEventListener('abort', leave, { once: true })
      })
    },
    report: (report) => send({ type: 'report', report }),
    granted(id) {
      pending.get(id)?.resolve?.()
      pending.delete(id)
    },
  }
}
