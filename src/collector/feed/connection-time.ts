import { type Connection, type ConnectionStep, joined, over, unchanged, without } from './connection.ts'
import { askAgain } from './connection-answers.ts'
import type { LaneEffect, LaneRules, Moment, Seen } from './machine-types.ts'
import { watchSubscriptions } from './watch-subscriptions.ts'

/** The handshake takes no longer, ms. */
const HANDSHAKE_MS = 10_000

/** What time alone does to a connection: the watchdogs. */
export function tick(
  connection: Connection,
  seen: Seen,
  { moment, rules }: { moment: Moment; rules: LaneRules },
): ConnectionStep {
  const { phase, sinceMs, openedMs } = connection
  if (phase === 'asking') return unchanged(connection)
  if (phase === 'connecting') {
    return moment.nowMs - sinceMs >= HANDSHAKE_MS
      ? over(connection, 'handshake_timeout')
      : unchanged(connection)
  }
  if (moment.nowMs - Math.max(seen.frameMs(), openedMs ?? 0) >= rules.silenceMs) {
    return over(connection, 'silent_socket')
  }
  const found = watchSubscriptions(connection.subscriptions, seen, { moment, rules })
  if (found.isUnsent || (found.unanswered.length > 0 && !connection.isAnswered)) {
    return over(connection, 'ack_timeout')
  }
  let step: ConnectionStep = {
    connection: { ...connection, subscriptions: found.subscriptions },
    effects: found.suspects.flatMap((suspect) => doubtAndProbe(connection.id, suspect)),
  }
  const refused: string[] = []
  for (const symbol of found.unanswered) {
    if (connection.subscriptions.get(symbol)?.againMs !== undefined) refused.push(symbol)
    else step = joined(step, askAgain(step.connection, { symbol, cause: 'ack_timeout', nowMs: moment.nowMs }))
  }
  if (refused.length === 0) return step
  const rejected = { symbols: refused, reason: 'no answer to its subscription' }
  return { ...step, connection: without(step.connection, refused), rejected }
}

/** From here on its silence proves nothing, unless the exchange says that it had no trades. */
function doubtAndProbe(id: number, { symbol, ageMs }: { symbol: string; ageMs: number }): LaneEffect[] {
  return [
    { type: 'doubt', id, symbol, isInDoubt: true },
    { type: 'probe', id, symbol, ageMs },
  ]
}
