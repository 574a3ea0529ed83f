import type { Connection } from '../server/connection.ts'
import type { SilenceFault } from './fault.ts'

/** Subscriptions that are acknowledged and give nothing. */
export interface Silences {
  /** Silences one connection until it ends, or what the fault names for its time. */
  add(fault: SilenceFault, connection: Connection | undefined, nowMs: number): void
  isSilent(connection: Connection, symbol: string, nowMs: number): boolean
}

/** None at first. */
export function openSilences(): Silences {
  let silences: {
    readonly fault: SilenceFault
    readonly connection: Connection | undefined
    readonly untilMs: number
  }[] = []
  return {
    add(fault, connection, nowMs) {
      silences.push({ fault, connection, untilMs: nowMs + (fault.forMs ?? Number.POSITIVE_INFINITY) })
      connection?.onEnd(() => {
        silences = silences.filter((one) => one.connection !== connection)
      })
    },
    isSilent(connection, symbol, nowMs) {
      if (silences.length === 0) return false
      silences = silences.filter(({ untilMs }) => nowMs < untilMs)
      return silences.some(({ fault, connection: only }) => {
        if (only !== undefined && only !== connection) return false
        const { exchange, connection: id = 'all', symbol: named } = fault
        if (exchange !== undefined && exchange !== connection.venue.exchange) return false
        if (id !== 'all' && id !== connection.id) return false
        return named === undefined || named === symbol
      })
    },
  }
}
