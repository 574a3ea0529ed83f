import { candleLine } from '../delivery/index.ts'
import type { SettledRow } from '../finality/index.ts'
import type { CandleRow, Origin } from '../record/index.ts'
import type { Asker } from './asker.ts'
import type { GapAsk } from './gaps.ts'
import { type MinuteRange, rangesOfMinutes } from './minute-ranges.ts'

/** What of an answer is in the landing, on disk. */
export interface LandedMinutes {
  readonly final: readonly MinuteRange[]
  /** Of these, proven by silence or sent without a trade. */
  readonly quiet: number
}

/** Lands what an answer gave, as far as it was missing: what bronze has already is not landed again. */
export async function landRows(
  asker: Asker,
  settled: readonly SettledRow<CandleRow>[],
  { wanted, instrument, origin }: Pick<GapAsk, 'wanted' | 'instrument'> & { readonly origin: Origin },
): Promise<LandedMinutes> {
  const isWanted = (startMs: number) => wanted.some(({ fromMs, toMs }) => fromMs <= startMs && startMs < toMs)
  const missing = settled.filter(({ row }) => isWanted(row.startMs))
  const { channel } = asker.exchange.mapper
  const lines = missing.map(({ row: candle, isFinal, proof }, row) =>
    candleLine({ origin, row, channel, source: 'rest', candle, isFinal, proof, instrument }),
  )
  if (lines.length > 0) await asker.context.land(lines)
  const final = missing.filter(({ isFinal }) => isFinal)
  return {
    final: rangesOfMinutes(final.map(({ row }) => row.startMs)),
    quiet: final.filter(({ row }) => Number(row.prices.volume) === 0).length,
  }
}
