import { ATTEMPT_BUDGET, backoffMs } from './backoff.ts'
import { type Connection, createConnection, tell } from './connection.ts'
import { type Lane, type LaneStep, mayConnect, wantedOf } from './lane.ts'
import type { End, LaneEffect, LaneRules, Moment } from './machine-types.ts'

/** Live with data for this long, a connection is stable: what failed before it is forgotten, ms. */
const STABLE_MS = 30_000
/** After maintenance no reconnect sooner, ms. @see https://docs.kraken.com/exchange/guides/websockets/reconnection */
const MAINTENANCE_MS = 5_000
/** With nothing to subscribe, it is looked again so often, ms. */
const IDLE_MS = 60_000
/** A successor that failed is tried again after so long, plus as much again by chance, ms. */
const HEIR_AGAIN_MS = 30_000
/** Part of a connection's allowed life after which it is replaced: between these two, by chance. */
const ROTATE_FROM = 0.93
const ROTATE_TO = 0.97

/** Connects, if there is no connection and it is time. */
export function connectIfDue(lane: Lane, { nowMs }: Moment): LaneStep {
  if (lane.main !== undefined || !mayConnect(lane) || nowMs < lane.retryAtMs) return { lane, effects: [] }
  if (wantedOf(lane, nowMs).length === 0) {
    return { lane: { ...lane, retryAtMs: nowMs + IDLE_MS }, effects: [] }
  }
  const { nextId: id } = lane
  const attempts = lane.attempts + 1
  const main = createConnection(id, attempts, nowMs)
  return { lane: { ...lane, main, nextId: id + 1, attempts }, effects: [{ type: 'ask', id }] }
}

/** Begins a successor of the main connection. */
export function beginHeir(lane: Lane, cause: string, { nowMs }: Moment): LaneStep {
  const { main, nextId: id } = lane
  if (main === undefined || lane.heir !== undefined || !mayConnect(lane)) return { lane, effects: [] }
  return {
    lane: { ...lane, heir: createConnection(id, 1, nowMs), nextId: id + 1, rotation: { atMs: nowMs, cause } },
    effects: [tell(main, { event: 'rotating', cause, level: 'info' }), { type: 'ask', id }],
  }
}

/** Plans when the main connection is replaced: well before the exchange hangs up. */
export function planRotation(lane: Lane, { random }: Moment, { lifetimeMs }: LaneRules): Lane {
  const openedMs = lane.main?.openedMs
  if (openedMs === undefined || lifetimeMs === undefined) return lane
  const part = ROTATE_FROM + (ROTATE_TO - ROTATE_FROM) * random
  return { ...lane, rotation: { atMs: openedMs + lifetimeMs * part, cause: 'lifetime' } }
}

/** The end of a connection, found here or there: a successor takes over, else it is tried again later. */
export function endConnection(lane: Lane, ended: { id: number; end: End }, moment: Moment): LaneStep {
  if (lane.heir?.id === ended.id) return endHeir(lane, lane.heir, { end: ended.end, moment })
  if (lane.main?.id === ended.id) return endMain(lane, lane.main, { end: ended.end, moment })
  return { lane, effects: [] }
}

/** Whether it was live with data for long enough. */
export function isStable({ firstDataMs }: Connection, nowMs: number): boolean {
  return firstDataMs !== undefined && nowMs - firstDataMs >= STABLE_MS
}

interface Ending {
  readonly end: End
  readonly moment: Moment
}

function endHeir(lane: Lane, heir: Connection, { end, moment }: Ending): LaneStep {
  const waitMs = HEIR_AGAIN_MS * (1 + moment.random)
  const rotation = lane.rotation && { ...lane.rotation, atMs: moment.nowMs + waitMs }
  return { lane: { ...lane, heir: undefined, rotation }, effects: farewell(heir, end, waitMs) }
}

function endMain(lane: Lane, main: Connection, { end, moment }: Ending): LaneStep {
  const attempts = isStable(main, moment.nowMs) ? 0 : lane.attempts
  const gone = { ...lane, main: lane.heir, heir: undefined, rotation: undefined, attempts }
  if (lane.heir !== undefined) return { lane: gone, effects: farewell(main, end, undefined) }
  if (!mayConnect(lane)) return { lane: gone, effects: farewell(main, end, undefined) }
  const waitMs = Math.max(
    backoffMs(attempts, moment.random),
    end.retryAfterMs ?? 0,
    lane.system === 'maintenance' ? MAINTENANCE_MS : 0,
  )
  const effects = farewell(main, end, waitMs)
  if (attempts === ATTEMPT_BUDGET) {
    effects.push(tell(main, { event: 'failed', cause: end.cause, level: 'error' }))
  }
  return { lane: { ...gone, retryAtMs: moment.nowMs + waitMs }, effects }
}

function farewell(connection: Connection, { cause, details }: End, waitMs: number | undefined): LaneEffect[] {
  const said = waitMs === undefined ? details : { ...details, retry_in_ms: Math.round(waitMs) }
  const event = connection.openedMs === undefined ? 'connect_failed' : 'disconnected'
  // Nothing is wrong where kx itself hangs up.
  const level = cause === 'collector' ? 'info' : 'warn'
  return [tell(connection, { event, cause, details: said, level }), { type: 'end', id: connection.id, cause }]
}
