import type { Connection } from './connection.ts'
import type { RestService } from './rest.ts'
import type { Session } from './session.ts'
import type { Venue } from './venue.ts'

/** A simulated exchange while it runs. */
export interface Exchange {
  readonly venue: Venue
  readonly rest: RestService
  /** Its open connections, oldest first, each with what the exchange does on it. */
  readonly sessions: Map<Connection, Session>
}
