import { type Connection, type ConnectionStep, changed, tell, unchanged, without } from './connection.ts'
import type { ConnectionEvent, LaneEffect, Moment } from './machine-types.ts'
import { calmed, endured, mayAskAgain, queuedAgain, type Subscription, unsure } from './subscription.ts'

/** The exchange says yes. */
export function acknowledged(
  connection: Connection,
  symbols: readonly string[],
  { nowMs }: Moment,
): ConnectionStep {
  const step = changed(connection, symbols, (one) =>
    one.phase === 'subscribed' ? one : { ...one, phase: 'subscribed', sinceMs: nowMs },
  )
  return { ...step, connection: { ...step.connection, isAnswered: true } }
}

/** The exchange says no. A refusal of many at once may be the fault of one: its halves are asked for apart. */
export function rejected(
  connection: Connection,
  { symbols, reason }: Extract<ConnectionEvent, { type: 'rejected' }>,
  { nowMs }: Moment,
): ConnectionStep {
  const isAlone = symbols.length === 1
  const known = symbols.filter((symbol) => isRefusable(connection.subscriptions.get(symbol), isAlone))
  const answered = { ...connection, isAnswered: true }
  if (known.length === 0) return unchanged(answered)
  if (known.length === 1) {
    return { connection: without(answered, known), effects: [], rejected: { symbols: known, reason } }
  }
  const middle = Math.ceil(known.length / 2)
  const halves = [known.slice(0, middle), known.slice(middle)]
  return {
    ...changed(answered, known, (one) => ({ ...one, phase: 'queued', sinceMs: nowMs })),
    effects: halves.map((half) => ({ type: 'subscribe', id: connection.id, symbols: half })),
  }
}

/** What delivers is not refused; nor is, together with others, what was acknowledged. */
function isRefusable(one: Subscription | undefined, isAlone: boolean): boolean {
  if (one === undefined) return false
  return one.phase !== 'subscribed' || (isAlone && (!one.hasData || one.isDead))
}

/** The first data of a symbol, or the first after doubts or quiet: from here on it is as suspect as any. */
export function tookData(connection: Connection, symbol: string, { nowMs }: Moment): ConnectionStep {
  const one = connection.subscriptions.get(symbol)
  if (one === undefined) return unchanged(connection)
  const step = changed(connection, [symbol], () => ({
    ...one,
    phase: 'subscribed',
    sinceMs: one.phase === 'subscribed' ? one.sinceMs : nowMs,
    hasData: true,
    isDead: false,
    isProbed: false,
    calmUntilMs: 0,
  }))
  const effects: LaneEffect[] = []
  if (connection.firstDataMs === undefined) effects.push(tell(connection, { event: 'live', level: 'info' }))
  if (one.isDead) {
    effects.push(tell(connection, { event: 'recovered', symbol, level: 'info' }))
  }
  const firstDataMs = connection.firstDataMs ?? nowMs
  return { connection: { ...step.connection, isAnswered: true, firstDataMs }, effects }
}

/** Whether a suspect had trades: then its subscription is dead. */
export function probedSymbol(
  connection: Connection,
  { symbol, answer, ageMs }: Extract<ConnectionEvent, { type: 'probed' }>,
  { nowMs }: Moment,
): ConnectionStep {
  const one = connection.subscriptions.get(symbol)
  if (one === undefined || !one.isProbed) return unchanged(connection)
  if (answer === undefined) return changed(connection, [symbol], () => unsure(one, nowMs))
  if (!answer.hadTrades) {
    const step = changed(connection, [symbol], () => calmed(one, nowMs, ageMs))
    // Its last minute may have gone on after the row we hold: then the doubt stays until there is data.
    if (!answer.isAllHeld) return step
    return { ...step, effects: [{ type: 'doubt', id: connection.id, symbol, isInDoubt: false }] }
  }
  const silent = tell(connection, { event: 'silent', symbol, level: 'warn' })
  if (mayAskAgain(one, nowMs))
    return askAgain(connection, { symbol, cause: 'silent', nowMs, before: [silent] })
  const step = changed(connection, [symbol], () => endured(one, nowMs))
  return { ...step, effects: [silent], despaired: symbol }
}

/** Unsubscribes and subscribes a symbol. */
export function askAgain(
  connection: Connection,
  {
    symbol,
    cause,
    nowMs,
    before = [],
  }: { symbol: string; cause: string; nowMs: number; before?: readonly LaneEffect[] },
): ConnectionStep {
  const { id } = connection
  return {
    ...changed(connection, [symbol], () => queuedAgain(nowMs)),
    effects: [
      ...before,
      { type: 'unsubscribe', id, symbols: [symbol] },
      { type: 'subscribe', id, symbols: [symbol] },
      tell(connection, { event: 'resubscribed', symbol, cause }),
    ],
  }
}
