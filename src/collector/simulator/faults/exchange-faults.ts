import type { Connection } from '../server/connection.ts'
import type { Exchange } from '../server/exchange.ts'
import type { CloseEveryFault, SkewFault } from './fault.ts'

/** Faults of whole exchanges, which last. */
export interface ExchangeFaults {
  /** `struck` is told whenever it takes effect. */
  inject(fault: CloseEveryFault | SkewFault, struck: (connection?: Connection) => void): void
  onOpen(connection: Connection): void
}

interface Life {
  readonly everyMs: number
  readonly untilMs: number
  readonly struck: (connection: Connection) => void
}

/** All clocks right, all lives long. */
export function openExchangeFaults(exchanges: readonly Exchange[]): ExchangeFaults {
  const lives = new Map<Exchange['venue'], Life>()
  const limitLife = (connection: Connection) => {
    const { venue, openedMs } = connection
    const life = lives.get(venue)
    if (life === undefined) return
    venue.timeline.at(openedMs + life.everyMs, () => {
      if (lives.get(venue) !== life || venue.timeline.now() >= life.untilMs || !connection.isOpen) return
      life.struck(connection)
      connection.close(1001, 'Going away', 'close-every')
    })
  }
  return {
    inject(fault, struck) {
      const meant = exchanges.filter(
        ({ venue }) => fault.exchange === undefined || fault.exchange === venue.exchange,
      )
      if (fault.kind === 'skew') {
        for (const { venue } of meant) venue.skewMs = fault.skewMs
        return struck()
      }
      for (const { venue, sessions } of meant) {
        const untilMs = venue.timeline.now() + (fault.forMs ?? Number.POSITIVE_INFINITY)
        if (fault.everyMs === 0) lives.delete(venue)
        else lives.set(venue, { everyMs: fault.everyMs, untilMs, struck })
        for (const connection of sessions.keys()) limitLife(connection)
      }
    },
    onOpen: limitLife,
  }
}
