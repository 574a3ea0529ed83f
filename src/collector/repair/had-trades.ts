import type { RestClient } from '../broker/rest-client.ts'
import type { TradesAnswer, TradesQuestion } from '../feed/trades-question.ts'
import { isAllHeld } from '../finality/index.ts'
import type { CandleRow } from '../record/index.ts'
import type { RepairExchange } from './asker.ts'
import { judgeAnswer } from './judge-answer.ts'
import { MINUTE_MS, minuteOf } from './minute-ranges.ts'

/** Whether an exchange had trades of a symbol since then, by its own clock; undefined: cannot be told now. */
export type HadTrades = (question: TradesQuestion, signal?: AbortSignal) => Promise<TradesAnswer | undefined>

/** How far is looked at, ms: a page of every exchange. */
const LOOK_MS = 300 * MINUTE_MS

/**
 * Asks by REST candles whether a silent feed is dead or its symbol quiet. Only minutes that begin after `sinceMs`
 * call it dead: what was traded before may have been told. Whether it was is seen from the row that is held.
 */
export function createHadTrades(exchanges: readonly RepairExchange[], client: RestClient): HadTrades {
  return async ({ exchange, nativeSymbol, sinceMs, held }, signal) => {
    const known = exchanges.find(({ mapper }) => mapper.exchange === exchange)
    if (known === undefined) return undefined
    const { rest } = known.mapper
    const newMs = minuteOf(sinceMs + MINUTE_MS - 1)
    const fromMs = Math.min(newMs, held?.startMs ?? newMs)
    const ask = { nativeSymbol, fromMs, toMs: fromMs + LOOK_MS }
    const parse = (body: string) => rest.parseCandles(body, ask)
    const outcome = await client.get(known.restUrl, rest.candles(ask), {
      priority: 'live',
      signal,
      usedWeight: rest.usedWeight,
      saysLimited(body) {
        const answer = parse(body)
        return !answer.ok && answer.fault === 'limited'
      },
    })
    const answer = judgeAnswer(outcome, parse)
    if (!answer.ok) return undefined
    const isTraded = ({ startMs, prices }: CandleRow) => startMs >= newMs && Number(prices.volume) > 0
    return { hadTrades: answer.value.some(isTraded), isAllHeld: isAllHeld(held, answer.value) }
  }
}
