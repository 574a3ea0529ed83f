import { type Connection, type ConnectionStep, changed, tell, unchanged, without } from './connection.ts'
import { acknowledged, probedSymbol, rejected, tookData } from './connection-answers.ts'
import { tick } from './connection-time.ts'
import type { ConnectionEvent, LaneRules, Moment } from './machine-types.ts'
import { queued } from './subscription.ts'

/** What happens to a connection, decided: pure, and indifferent to events that come too late. */
export function reduceConnection(
  connection: Connection,
  event: ConnectionEvent,
  moment: Moment,
  rules: LaneRules,
): ConnectionStep {
  const step = reduce(connection, event, moment, rules)
  return step.end === undefined ? settled(step, moment) : step
}

function reduce(
  connection: Connection,
  event: ConnectionEvent,
  moment: Moment,
  rules: LaneRules,
): ConnectionStep {
  switch (event.type) {
    case 'granted':
      return granted(connection, moment)
    case 'opened':
      return opened(connection, event.symbols, moment)
    case 'lost':
      return { connection, effects: [], end: event.end }
    case 'sent':
      return sent(connection, event.symbols, moment)
    case 'acknowledged':
      return acknowledged(connection, event.symbols, moment)
    case 'rejected':
      return rejected(connection, event, moment)
    case 'data':
      return tookData(connection, event.symbol, moment)
    case 'probed':
      return probedSymbol(connection, event, moment)
    case 'subscribe':
      return subscribe(connection, event.symbols, moment)
    case 'unsubscribe':
      return unsubscribe(connection, event.symbols)
    case 'tick':
      return tick(connection, event.seen, { moment, rules })
  }
}

function granted(connection: Connection, { nowMs }: Moment): ConnectionStep {
  if (connection.phase !== 'asking') return unchanged(connection)
  return {
    connection: { ...connection, phase: 'connecting', sinceMs: nowMs },
    effects: [tell(connection, { event: 'connecting' }), { type: 'open', id: connection.id }],
  }
}

function opened(connection: Connection, symbols: readonly string[], { nowMs }: Moment): ConnectionStep {
  if (connection.phase !== 'connecting') return unchanged(connection)
  const subscriptions = new Map(symbols.map((symbol) => [symbol, queued(nowMs)]))
  return {
    connection: { ...connection, phase: 'subscribing', sinceMs: nowMs, openedMs: nowMs, subscriptions },
    effects: [
      tell(connection, { event: 'connected' }),
      { type: 'subscribe', id: connection.id, symbols: [...symbols] },
    ],
  }
}

function sent(connection: Connection, symbols: readonly string[], { nowMs }: Moment): ConnectionStep {
  return changed(connection, symbols, (one) =>
    one.phase === 'queued' ? { ...one, phase: 'sent', sinceMs: nowMs } : one,
  )
}

function subscribe(connection: Connection, symbols: readonly string[], { nowMs }: Moment): ConnectionStep {
  const added = symbols.filter((symbol) => !connection.subscriptions.has(symbol))
  if (connection.openedMs === undefined || added.length === 0) return unchanged(connection)
  const subscriptions = new Map(connection.subscriptions)
  for (const symbol of added) subscriptions.set(symbol, queued(nowMs))
  return {
    connection: { ...connection, subscriptions },
    effects: [{ type: 'subscribe', id: connection.id, symbols: added }],
  }
}

function unsubscribe(connection: Connection, symbols: readonly string[]): ConnectionStep {
  const known = symbols.filter((symbol) => connection.subscriptions.has(symbol))
  if (known.length === 0) return unchanged(connection)
  return {
    connection: without(connection, known),
    effects: [{ type: 'unsubscribe', id: connection.id, symbols: known }],
  }
}

/** What its subscriptions make of an open connection: its phase, and that all are answered. */
function settled(step: ConnectionStep, { nowMs }: Moment): ConnectionStep {
  const { connection } = step
  const { openedMs, isSubscribed, subscriptions } = connection
  if (openedMs === undefined) return step
  const phase = phaseOf(connection)
  const next = phase === connection.phase ? connection : { ...connection, phase, sinceMs: nowMs }
  const isAll =
    !isSubscribed &&
    subscriptions.size > 0 &&
    [...subscriptions.values()].every((one) => one.phase === 'subscribed')
  if (!isAll) return { ...step, connection: next }
  const told = tell(next, { event: 'subscribed', details: { symbols: subscriptions.size } })
  return { ...step, connection: { ...next, isSubscribed: true }, effects: [...step.effects, told] }
}

function phaseOf({ subscriptions, firstDataMs }: Connection): Connection['phase'] {
  for (const one of subscriptions.values()) if (one.isProbed || one.isDead) return 'stale'
  return firstDataMs === undefined ? 'subscribing' : 'live'
}
