import type { ConnectionStep } from './connection.ts'
import { tell } from './connection.ts'
import { reduceConnection } from './connection-machine.ts'
import {
  inTurn,
  type Lane,
  type LaneStep,
  REJECTED_EVERY_MS,
  wantedOf,
  withoutRejections,
  withRejections,
} from './lane.ts'
import { beginHeir, endConnection } from './lane-connect.ts'
import type { ConnectionEvent, LaneRules, Moment } from './machine-types.ts'

/** An event of one of the two connections. */
export function onConnection(
  lane: Lane,
  id: number,
  event: ConnectionEvent,
  { moment, rules }: { moment: Moment; rules: LaneRules },
): LaneStep {
  const slot = lane.main?.id === id ? 'main' : lane.heir?.id === id ? 'heir' : undefined
  const connection = slot && lane[slot]
  if (slot === undefined || connection === undefined) return { lane, effects: [] }
  const given = event.type === 'opened' ? { ...event, symbols: wantedOf(lane, moment.nowMs) } : event
  const step = reduceConnection(connection, given, moment, rules)
  const next = accepted({ ...lane, [slot]: step.connection }, event)
  return afterwards({ lane: next, effects: step.effects }, { step, moment })
}

/** What the exchange acknowledges or delivers is not rejected any more. */
function accepted(lane: Lane, event: ConnectionEvent): Lane {
  if (lane.rejections.size === 0) return lane
  if (event.type === 'acknowledged') return withoutRejections(lane, event.symbols)
  return event.type === 'data' ? withoutRejections(lane, [event.symbol]) : lane
}

/** What a connection's step means to its lane: rejections, a silence that only another connection may end, its end. */
function afterwards(
  { lane, effects }: LaneStep,
  { step, moment }: { step: ConnectionStep; moment: Moment },
): LaneStep {
  const { connection, rejected, despaired, end } = step
  let next: LaneStep = { lane, effects }
  if (rejected !== undefined) next = inTurn(next, reject(next.lane, step, moment))
  if (despaired !== undefined) next = inTurn(next, sacrifice(next.lane, despaired, moment))
  if (end !== undefined) return inTurn(next, endConnection(next.lane, { id: connection.id, end }, moment))
  if (connection.openedMs === undefined || connection.subscriptions.size > 0) return next
  const idle = { cause: 'nothing_subscribed', details: undefined }
  return inTurn(next, endConnection({ ...next.lane, attempts: 0 }, { id: connection.id, end: idle }, moment))
}

function reject(lane: Lane, { connection, rejected }: ConnectionStep, { nowMs }: Moment): LaneStep {
  const { symbols, reason } = rejected ?? { symbols: [], reason: '' }
  const askAtMs = nowMs + REJECTED_EVERY_MS
  return {
    lane: withRejections(
      lane,
      symbols.map((symbol) => [symbol, { reason, askAtMs }]),
    ),
    effects: symbols.map((symbol) =>
      tell(connection, { event: 'rejected', symbol, cause: 'rejected', details: { reason }, level: 'warn' }),
    ),
  }
}

/** A dead subscription is worth a new connection for all, but not one after the other. */
function sacrifice(lane: Lane, symbol: string, moment: Moment): LaneStep {
  const lastMs = lane.sacrificedMs.get(symbol)
  if (lastMs !== undefined && moment.nowMs - lastMs < REJECTED_EVERY_MS) return { lane, effects: [] }
  const sacrificedMs = new Map(lane.sacrificedMs).set(symbol, moment.nowMs)
  return beginHeir({ ...lane, sacrificedMs }, 'silent_symbol', moment)
}
