import { tell } from './connection.ts'
import { inTurn, type Lane, type LaneStep } from './lane.ts'
import { beginHeir, connectIfDue, endConnection } from './lane-connect.ts'
import { onConnection } from './lane-connection.ts'
import { applyListing } from './lane-listing.ts'
import { tickLane } from './lane-tick.ts'
import type { LaneEffect, LaneEvent, LaneRules, Moment } from './machine-types.ts'

/**
 * What happens to a lane, decided: pure. Events of connections that are gone change nothing.
 *
 * Never stuck: as long as it is neither held nor stopped, a lane has a connection whose every wait ends by a
 * `tick`, or a time to connect.
 */
export function reduceLane(lane: Lane, event: LaneEvent, moment: Moment, rules: LaneRules): LaneStep {
  switch (event.type) {
    case 'start':
      return connectIfDue({ ...lane, isStarted: true, retryAtMs: moment.nowMs }, moment)
    case 'connection':
      return onConnection(lane, event.id, event.event, { moment, rules })
    case 'status':
      return onStatus(lane, event.id, event.status)
    case 'shutdown':
      return lane.main?.id === event.id ? beginHeir(lane, 'server_shutdown', moment) : { lane, effects: [] }
    case 'tick':
      return tickLane(lane, event.seen, { moment, rules })
    case 'listed':
      return applyListing(lane, event.missing, { moment, rules })
    case 'hold':
      return hold(lane, event.cause, moment)
    case 'release':
      return release(lane, event.cause, moment)
    case 'stop':
      return lane.stoppedBy === undefined
        ? hangUp({ ...lane, stoppedBy: event.cause }, event.cause, moment)
        : { lane, effects: [] }
  }
}

function onStatus(lane: Lane, id: number, status: string): LaneStep {
  const connection = lane.main?.id === id ? lane.main : lane.heir?.id === id ? lane.heir : undefined
  if (connection === undefined || status === lane.system) return { lane, effects: [] }
  return {
    lane: { ...lane, system: status },
    effects: [tell(connection, { event: 'status', cause: status, level: 'info' })],
  }
}

function hold(lane: Lane, cause: string, moment: Moment): LaneStep {
  if (lane.holds.has(cause)) return { lane, effects: [] }
  const step = hangUp({ ...lane, holds: new Set([...lane.holds, cause]) }, cause, moment)
  const told: LaneEffect = { type: 'tell', id: undefined, event: 'paused', cause, level: 'warn' }
  return { ...step, effects: [...step.effects, told] }
}

function release(lane: Lane, cause: string, moment: Moment): LaneStep {
  if (!lane.holds.has(cause)) return { lane, effects: [] }
  const holds = new Set([...lane.holds].filter((one) => one !== cause))
  const told: LaneEffect = { type: 'tell', id: undefined, event: 'resumed', cause, level: 'info' }
  const freed: LaneStep = { lane: { ...lane, holds, retryAtMs: moment.nowMs }, effects: [told] }
  return inTurn(freed, connectIfDue(freed.lane, moment))
}

function hangUp(lane: Lane, cause: string, moment: Moment): LaneStep {
  const effects: LaneEffect[] = []
  let left = lane
  for (const id of [lane.heir?.id, lane.main?.id]) {
    if (id === undefined) continue
    const step = endConnection(left, { id, end: { cause, details: undefined } }, moment)
    left = step.lane
    effects.push(...step.effects)
  }
  return { lane: left, effects }
}
