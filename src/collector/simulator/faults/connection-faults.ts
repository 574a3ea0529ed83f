import type { Random } from '../random.ts'
import type { Connection } from '../server/connection.ts'
import type { Exchange } from '../server/exchange.ts'
import type { BurstFault, CloseFault, DropFault, HangFault, ShutdownFault, SilenceFault } from './fault.ts'
import type { Silences } from './silences.ts'

/** Faults that strike open connections at once. */
export type ConnectionFault = DropFault | HangFault | CloseFault | SilenceFault | BurstFault | ShutdownFault

/** Is told of each connection that a fault struck. */
export type Struck = (connection: Connection) => void

/** Strikes connections, and remembers what found none. */
export interface ConnectionFaults {
  inject(fault: ConnectionFault, struck: Struck): void
  /** A fault that found no connection strikes this one. */
  onOpen(connection: Connection): void
}

/** What is struck. */
export interface ConnectionFaultsOptions {
  readonly random: Random
  readonly exchanges: readonly Exchange[]
  readonly silences: Silences
}

const HANG_MS = 600_000
const LEAD_MS = 10_000
const GOING_AWAY = 1001
const BURST_FRAMES = 1000

/** Nothing waits at first. */
export function openConnectionFaults(options: ConnectionFaultsOptions): ConnectionFaults {
  const { exchanges, silences } = options
  let waiting: { readonly fault: ConnectionFault; readonly struck: Struck }[] = []
  const strike = (fault: ConnectionFault, connection: Connection) => {
    const { timeline } = connection.venue
    if (fault.kind === 'drop') connection.reset(fault.kind)
    else if (fault.kind === 'close') connection.close(fault.code ?? GOING_AWAY, 'Going away', fault.kind)
    else if (fault.kind === 'silence') silences.add(fault, connection, timeline.now())
    else if (fault.kind === 'hang') {
      connection.hang()
      timeline.at(timeline.now() + (fault.forMs ?? HANG_MS), () => connection.reset(fault.kind))
    } else if (fault.kind === 'burst')
      sessionOf(connection)?.burst(fault.symbol, fault.frames ?? BURST_FRAMES)
    else {
      sessionOf(connection)?.announceShutdown()
      timeline.at(timeline.now() + (fault.leadMs ?? LEAD_MS), () =>
        connection.close(GOING_AWAY, 'Shutdown', fault.kind),
      )
    }
  }
  const sessionOf = (connection: Connection) =>
    exchanges.find(({ venue }) => venue === connection.venue)?.sessions.get(connection)
  return {
    inject(fault, struck) {
      const connections = meant(fault, options)
      if (connections.length === 0) waiting.push({ fault, struck })
      for (const connection of connections) {
        struck(connection)
        strike(fault, connection)
      }
    },
    onOpen(connection) {
      const next = waiting.find(({ fault }) => isFor(fault, connection))
      if (next === undefined) return
      waiting = waiting.filter((one) => one !== next)
      next.struck(connection)
      strike(next.fault, connection)
    },
  }
}

function isFor(fault: ConnectionFault, { id, venue }: Connection): boolean {
  if (fault.exchange !== undefined && fault.exchange !== venue.exchange) return false
  const named = 'connection' in fault ? fault.connection : undefined
  return named === undefined || named === 'all' || named === id
}

/** One of those that may be meant; or all of them, where the fault says so or is an exchange's own. */
function meant(fault: ConnectionFault, { random, exchanges }: ConnectionFaultsOptions): Connection[] {
  const open = exchanges
    .flatMap(({ sessions }) => [...sessions.keys()])
    .filter((connection) => connection.isOpen && !connection.isHung && isFor(fault, connection))
  const one = open[Math.floor(random.next() * open.length)]
  if (one === undefined) return []
  if (fault.kind === 'shutdown') return open.filter(({ venue }) => venue === one.venue)
  return fault.connection === undefined ? [one] : open
}
