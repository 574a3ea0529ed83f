import type { CandleAsk, Mapper } from '../exchange/mapper.ts'
import { type DeliveryRules, type SettledRow, type Settling, settleRow } from '../finality/index.ts'
import type { CandleRow } from '../record/index.ts'
import { flatAfter } from './quiet.ts'

/** A minute is final by REST once it ended so long ago, by the exchange's clock. */
export const SETTLED_AFTER_MS = 60_000

/** One REST answer, read. */
export interface AnswerRows {
  readonly mapper: Pick<Mapper, 'rest'>
  readonly ask: CandleAsk
  /** In order of time; a running one may be the last. */
  readonly rows: readonly CandleRow[]
  /** When it was asked, by the exchange's clock. */
  readonly serverMs: number
}

/**
 * What the rows of one answer give to land, in order: those of minutes long enough over are final, the others
 * unfinished. Silence between two final rows proves quiet minutes only where the exchange omits those. An empty
 * answer proves nothing.
 */
export function settleAnswerRows({ mapper, ask, rows, serverMs }: AnswerRows): SettledRow<CandleRow>[] {
  const rules: DeliveryRules<CandleRow> = { ...mapper.rest.rules, flat: flatAfter }
  const landed: SettledRow<CandleRow>[] = []
  let settling: Settling<CandleRow> | undefined
  for (const row of rows) {
    if (row.startMs < ask.fromMs || row.startMs >= ask.toMs) continue
    if (row.startMs + row.intervalMs + SETTLED_AFTER_MS <= serverMs) {
      const step = settleRow(settling, { ...row, isFinal: true }, rules)
      landed.push(...step.landed)
      settling = step.settling
    } else landed.push({ row, isFinal: false, proof: null })
  }
  return landed
}
