import { candleLine } from '../delivery/index.ts'
import type { SettlingRules } from '../exchange/mapper.ts'
import type { CandleRow } from '../record/index.ts'
import type { AskedAnswer, Asker } from './asker.ts'
import type { GapAsk } from './gaps.ts'
import { commonRanges, type MinuteRange, rangesOfMinutes } from './minute-ranges.ts'
import { settleRows } from './settle-rows.ts'

/** What of an answer is in the landing, on disk. */
export interface LandedMinutes {
  readonly final: readonly MinuteRange[]
  /** Of these, proven by silence or sent without a trade. */
  readonly quiet: number
}

/** Lands the rows of one answer as far as they were missing: what bronze has already is not landed again. */
export async function landRows(
  asker: Asker,
  rows: readonly CandleRow[],
  {
    ask,
    answer,
    rules,
  }: {
    readonly ask: GapAsk
    readonly answer: Pick<AskedAnswer<unknown>, 'origin' | 'askedAtMs'>
    readonly rules: SettlingRules
  },
): Promise<LandedMinutes> {
  const { origin, askedAtMs } = answer
  const isWanted = (startMs: number) =>
    ask.wanted.some(({ fromMs, toMs }) => fromMs <= startMs && startMs < toMs)
  const settled = settleRows(rows, { rules, askedAtMs }).filter(({ row }) => isWanted(row.startMs))
  const lines = settled.map(({ row: candle, isFinal, proof }, row) =>
    candleLine({
      origin,
      row,
      channel: asker.exchange.mapper.channel,
      source: 'rest',
      candle,
      isFinal,
      proof,
      instrument: ask.instrument,
    }),
  )
  if (lines.length > 0) await asker.context.land(lines)
  const final = settled.filter(({ isFinal }) => isFinal)
  return {
    final: commonRanges(rangesOfMinutes(final.map(({ row }) => row.startMs)), ask.wanted),
    quiet: final.filter(({ row }) => Number(row.prices.volume) === 0).length,
  }
}
