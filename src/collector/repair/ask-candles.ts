import type { BrokerAsk } from '../broker/broker.ts'
import { SETTLED_AFTER_MS, settleAnswerRows } from '../delivery/settle-answer.ts'
import type { AskPage } from './ask-page.ts'
import type { Asker } from './asker.ts'
import type { GapAsk } from './gaps.ts'
import { landRows } from './land-rows.ts'
import { commonRanges, MINUTE_MS, type MinuteRange, minuteOf } from './minute-ranges.ts'
import { trustedTime } from './trusted-time.ts'

/** Asks for candles; each page begins where the one before ends. */
export async function* askCandles(
  asker: Asker,
  ask: GapAsk,
  priority: BrokerAsk['priority'],
): AsyncGenerator<AskPage, void> {
  const { mapper } = asker.exchange
  const { rest } = mapper
  const { nativeSymbol } = ask.instrument
  // One minute more: the newest row of an answer is the one that may still run.
  const toMs = ask.toMs + MINUTE_MS
  for (let fromMs = ask.fromMs; fromMs < ask.toMs; ) {
    const page = { nativeSymbol, fromMs, toMs }
    const answer = await asker.ask(rest.candles(page), (body) => rest.parseCandles(body, page), priority)
    if (!answer.ok) {
      yield { type: 'fault', fault: answer.fault, reason: answer.reason }
      return
    }
    const rows = answer.value.filter(({ startMs }) => startMs >= fromMs && startMs < toMs)
    const serverMs = trustedTime(rows.at(-1), answer.askedAtMs)
    const settled = settleAnswerRows({ mapper, ask: page, rows, serverMs })
    const landed = await landRows(asker, settled, { ...ask, origin: answer.origin })
    const last = rows.at(-1)
    const nextMs = last ? last.startMs + MINUTE_MS : emptyUpTo(page, rest.windowMinutes)
    const answered = { fromMs, toMs: Math.min(nextMs, overAt(answer.askedAtMs)) }
    yield { type: 'landed', ...landed, answered: wantedOf(ask, answered) }
    fromMs = nextMs
  }
}

/** Where minutes end that an answer without a row was about. */
function emptyUpTo({ fromMs, toMs }: MinuteRange, windowMinutes: number | undefined): number {
  return windowMinutes === undefined ? toMs : Math.min(toMs, fromMs + windowMinutes * MINUTE_MS)
}

/** Where minutes end that an answer could have held as final. */
function overAt(askedAtMs: number | undefined): number {
  return askedAtMs === undefined ? Number.NEGATIVE_INFINITY : minuteOf(askedAtMs - SETTLED_AFTER_MS)
}

function wantedOf({ wanted }: GapAsk, range: MinuteRange): MinuteRange[] {
  return range.fromMs < range.toMs ? commonRanges(wanted, [range]) : []
}
