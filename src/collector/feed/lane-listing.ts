import { inTurn, type Lane, type LaneStep, liveSymbols, withoutRejections, withRejections } from './lane.ts'
import { onConnection } from './lane-connection.ts'
import type { LaneEffect, LaneRules, Moment } from './machine-types.ts'

interface Deciding {
  readonly moment: Moment
  readonly rules: LaneRules
}

/**
 * What the exchange lists, compared with what is collected. What delivers is left alone, whatever a list says; what
 * is listed again is subscribed.
 */
export function applyListing(lane: Lane, missing: ReadonlyMap<string, string>, deciding: Deciding): LaneStep {
  const live = new Set(liveSymbols(lane))
  const refused = lane.symbols.filter((symbol) => missing.has(symbol) && !live.has(symbol))
  const back = lane.symbols.filter((symbol) => isRefusedByList(lane, symbol) && !missing.has(symbol))
  const effects = refused.map((symbol): LaneEffect => {
    const details = { reason: missing.get(symbol) }
    return {
      type: 'tell',
      id: lane.main?.id,
      event: 'rejected',
      symbol,
      cause: 'unlisted',
      details,
      level: 'warn',
    }
  })
  const added = refused.map((symbol) => [symbol, rejectionOf(missing.get(symbol) ?? '')] as const)
  const next = withoutRejections(withRejections(lane, added), back)
  const left = change({ lane: next, effects }, 'unsubscribe', refused, deciding)
  return change(left, 'subscribe', back, deciding)
}

function isRefusedByList({ rejections }: Lane, symbol: string): boolean {
  const rejection = rejections.get(symbol)
  return rejection !== undefined && rejection.askAtMs === undefined
}

function rejectionOf(reason: string) {
  return { reason, askAtMs: undefined }
}

function change(
  step: LaneStep,
  type: 'subscribe' | 'unsubscribe',
  symbols: readonly string[],
  deciding: Deciding,
): LaneStep {
  let next = step
  if (symbols.length === 0) return next
  for (const id of [step.lane.main?.id, step.lane.heir?.id]) {
    if (id !== undefined) next = inTurn(next, onConnection(next.lane, id, { type, symbols }, deciding))
  }
  return next
}
