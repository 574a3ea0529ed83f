import type { BrokerAsk } from '../broker/broker.ts'
import { askCandles } from './ask-candles.ts'
import type { AskPage } from './ask-page.ts'
import { askTrades } from './ask-trades.ts'
import type { Asker } from './asker.ts'
import type { GapAsk } from './gaps.ts'

/** Asks an exchange for missing minutes, page by page, and lands what it says; ends with the first fault. */
export function askGap(
  asker: Asker,
  ask: GapAsk,
  priority: BrokerAsk['priority'],
): AsyncGenerator<AskPage, void> {
  const { trades } = asker.exchange.mapper.rest
  return ask.by === 'trades' && trades
    ? askTrades(asker, { ask, trades, priority })
    : askCandles(asker, ask, priority)
}
