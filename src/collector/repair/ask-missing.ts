import type { Instrument } from '../../base/index.ts'
import type { BrokerAsk } from '../broker/broker.ts'
import { askCandles } from './ask-candles.ts'
import type { AskPage } from './ask-page.ts'
import { askTrades } from './ask-trades.ts'
import type { Asker } from './asker.ts'
import { type GapAsk, planAsks } from './gaps.ts'
import { joinRanges, type MinuteRange, subtractRanges } from './minute-ranges.ts'

/** Minutes of one instrument that are missing, as a list. */
export interface Gap {
  readonly instrument: Instrument
  readonly missing: readonly MinuteRange[]
}

/** What came of asking for a gap: an answer to an ask, or minutes that nothing reaches any more. */
export type GapPage =
  | (AskPage & { readonly ask: GapAsk })
  | { readonly type: 'unreachable'; readonly ranges: readonly MinuteRange[] }

/**
 * Asks an exchange for what is missing of one instrument, page by page, and lands what it says; ends with the first
 * fault. Candles come first: what they reach grows less with every minute, trades stay.
 */
export async function* askMissing(
  asker: Asker,
  { instrument, missing }: Gap,
  priority: BrokerAsk['priority'],
): AsyncGenerator<GapPage, void> {
  const { rest } = asker.exchange.mapper
  const plan = async (ranges: readonly MinuteRange[]) => {
    const serverMs = (await asker.serverMs(priority)) ?? asker.context.clock.now()
    const { reachMinutes, trades } = rest
    return planAsks(instrument, ranges, { reachMinutes, hasTrades: trades !== undefined, serverMs })
  }
  let left = missing
  for (const ask of (await plan(missing)).asks.filter(({ by }) => by === 'candles')) {
    for await (const page of askCandles(asker, ask, priority)) {
      yield { ...page, ask }
      if (page.type === 'fault') return
      left = subtractRanges(left, page.final)
    }
  }
  const { asks, unreachable } = await plan(left)
  if (unreachable.length > 0) yield { type: 'unreachable', ranges: joinRanges(unreachable) }
  const { trades } = rest
  if (!trades) return
  for (const ask of asks.filter(({ by }) => by === 'trades')) {
    for await (const page of askTrades(asker, { ask, trades, priority })) {
      yield { ...page, ask }
      if (page.type === 'fault') return
    }
  }
}
