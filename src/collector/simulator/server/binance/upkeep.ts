import type { WebSocket } from 'ws'
import type { Connection } from '../connection.ts'

/** How Binance keeps its connections. */
export interface Upkeep {
  readonly pingEveryMs: number
  /** Without a pong for so long it hangs up. */
  readonly pongWithinMs: number
  readonly lifetimeMs: number
}

const MINUTE_MS = 60_000
/** Of the international exchange since 2025, and of Binance.US. */
export const upkeeps: Readonly<Record<string, Upkeep>> = {
  binance: { pingEveryMs: 20_000, pongWithinMs: MINUTE_MS, lifetimeMs: 1440 * MINUTE_MS },
  binance_us: { pingEveryMs: 3 * MINUTE_MS, pongWithinMs: 10 * MINUTE_MS, lifetimeMs: 1440 * MINUTE_MS },
}
/** Of the time between two pings. */
const DOUBT = 0.25
/** Messages from a client, pings and pongs included. */
const MOST_PER_SECOND = 5

/** Pings, hangs up on who does not answer, sends too much or is connected for a day. */
export function keepUp(connection: Connection, webSocket: WebSocket, upkeep: Upkeep): void {
  const { timeline } = connection.venue
  let [pongMs, isDoubted] = [timeline.now(), false]
  let callOff = () => {}
  const tick = () => {
    const now = timeline.now()
    const isLate = now - pongMs >= upkeep.pongWithinMs
    if (isLate && isDoubted) return connection.close(1008, 'Pong timeout', 'no_pong')
    // A pong may lie in the socket because this process was busy: it is looked for once more.
    isDoubted = isLate
    if (!isLate) connection.ping()
    callOff = timeline.at(now + upkeep.pingEveryMs * (isLate ? DOUBT : 1), tick)
  }
  callOff = timeline.at(timeline.now() + upkeep.pingEveryMs, tick)
  const callOffEnd = timeline.at(timeline.now() + upkeep.lifetimeMs, () => connection.reset('lifetime'))
  const receivedMs: number[] = []
  const count = () => {
    const now = timeline.now()
    receivedMs.push(now)
    while ((receivedMs[0] ?? now) < now - 1000) receivedMs.shift()
    // What waited while this process was busy came in its own time: it is not held against the client.
    const most = MOST_PER_SECOND * (1 + Math.ceil(timeline.lagMs() / 1000))
    if (receivedMs.length > most) connection.close(1008, 'Too many requests', 'too_many_messages')
  }
  webSocket.on('message', count)
  webSocket.on('ping', count)
  webSocket.on('pong', () => {
    pongMs = timeline.now()
    count()
  })
  connection.onEnd(() => {
    callOff()
    callOffEnd()
  })
}
