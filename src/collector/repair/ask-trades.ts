import type { BrokerAsk } from '../broker/broker.ts'
import { candlesOfTrades, SETTLED_AFTER_MS } from '../delivery/index.ts'
import type { TradesMapper, TradesPage } from '../exchange/mapper.ts'
import type { AskPage } from './ask-page.ts'
import type { AskedAnswer, Asker } from './asker.ts'
import type { GapAsk } from './gaps.ts'
import { landRows } from './land-rows.ts'
import { commonRanges, MINUTE_MS, minuteOf, subtractRanges } from './minute-ranges.ts'
import { createTradeRun, LEADS_MS } from './trade-run.ts'

/** What is asked, and how. */
export interface TradesAsk {
  readonly ask: GapAsk
  readonly trades: TradesMapper
  readonly priority: BrokerAsk['priority']
}

/** Asks for trades and lands the candles they make, as soon as pages complete them. */
export async function* askTrades(asker: Asker, question: TradesAsk): AsyncGenerator<AskPage, void> {
  const { ask } = question
  const run = createTradeRun()
  let answer = await askFirstPage(asker, question)
  let wanted = ask.wanted
  while (answer.ok) {
    const isEnd = run.take(answer.value) === 0 || answer.value.cursor === undefined
    const isPast = run.newestMs() >= ask.toMs
    // The minute of the newest trade may go on, even where the exchange says there is no more.
    const knownMs = Math.min(overAt(answer), minuteOf(run.newestMs()))
    const known = commonRanges(wanted, [{ fromMs: 0, toMs: knownMs }])
    const answered = isEnd ? commonRanges(wanted, [{ fromMs: 0, toMs: overAt(answer) }]) : known
    const { instrument } = ask
    const { nativeSymbol } = instrument
    const settled = candlesOfTrades({
      nativeSymbol,
      trades: run.next(),
      fromMs: answer.fromMs,
      toMs: knownMs,
    })
    const landed = await landRows(asker, settled, { wanted: known, instrument, origin: answer.origin })
    yield { type: 'landed', ...landed, answered }
    if (isEnd || isPast) return
    wanted = subtractRanges(wanted, known)
    answer = await askPage(asker, question, { fromMs: answer.fromMs, cursor: answer.value.cursor })
  }
  if (!answer.ok) yield { type: 'fault', fault: answer.fault, reason: answer.reason }
}

/** An answer, and from when on it and those before it hold every trade. */
type TradesAnswer = AskedAnswer<TradesPage> & { readonly fromMs: number }

/** The page that begins with a trade before the first wanted minute, as far as there is one within a day. */
async function askFirstPage(asker: Asker, question: TradesAsk): Promise<TradesAnswer> {
  const { fromMs } = question.ask
  const [firstLeadMs = 0, ...leadsMs] = LEADS_MS
  let answer = await askPage(asker, question, { fromMs: fromMs - firstLeadMs, cursor: undefined })
  for (const leadMs of leadsMs) {
    // A trade in the first minute itself will do.
    if (!answer.ok || (answer.value.trades[0]?.atMs ?? Number.POSITIVE_INFINITY) < fromMs + MINUTE_MS) break
    answer = await askPage(asker, question, { fromMs: fromMs - leadMs, cursor: undefined })
  }
  return answer
}

async function askPage(
  asker: Asker,
  { ask, trades, priority }: TradesAsk,
  { fromMs, cursor }: { readonly fromMs: number; readonly cursor: string | undefined },
): Promise<TradesAnswer> {
  const page = { nativeSymbol: ask.instrument.nativeSymbol, fromMs, toMs: ask.toMs }
  return { ...(await asker.ask(trades.trades(page, cursor), trades.parseTrades, priority)), fromMs }
}

/** Where minutes end whose trades are all known: a trade may be reported a little late. */
function overAt({ askedAtMs }: TradesAnswer): number {
  return askedAtMs === undefined ? Number.NEGATIVE_INFINITY : minuteOf(askedAtMs - SETTLED_AFTER_MS)
}
