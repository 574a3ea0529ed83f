import type { Instrument } from '../../base/index.ts'
import type { CandleAsk, Mapper } from '../exchange/mapper.ts'
import { type DeliveryRules, type SettledRow, type Settling, settleRow } from '../finality/index.ts'
import type { CandleRow, LandingLine, Origin } from '../record/index.ts'
import { instrumentFinder } from './find-instrument.ts'
import { candleLine } from './lines.ts'
import { flatAfter } from './quiet.ts'

/** A minute is final by REST once it ended so long ago, by the exchange's clock. */
export const SETTLED_AFTER_MS = 60_000

/** One REST answer, read. */
export interface Answer {
  readonly mapper: Pick<Mapper, 'exchange' | 'channel' | 'rest'>
  readonly ask: CandleAsk
  /** In order of time; a running one may be the last. */
  readonly rows: readonly CandleRow[]
  /** Its `sequence` is the answer's own. */
  readonly origin: Origin
  /** When it was asked, by the exchange's clock. */
  readonly serverMs: number
  readonly instruments: readonly Instrument[]
}

/**
 * The lines of one answer: rows of minutes long enough over are final, the others unfinished. Silence between two
 * final rows proves quiet minutes only where the exchange omits those. An empty answer proves nothing.
 */
export function settleAnswer({ mapper, ask, rows, origin, serverMs, instruments }: Answer): LandingLine[] {
  const landed = settleAnswerRows({ mapper, ask, rows, serverMs })
  return restLines(landed, { mapper, ask, origin, instruments })
}

/** What the rows of one answer give to land, in order. */
export function settleAnswerRows({
  mapper,
  ask,
  rows,
  serverMs,
}: Pick<Answer, 'ask' | 'rows' | 'serverMs'> & {
  readonly mapper: Pick<Mapper, 'rest'>
}): SettledRow<CandleRow>[] {
  const rules: DeliveryRules<CandleRow> = { ...mapper.rest.rules, flat: flatAfter }
  const landed: SettledRow<CandleRow>[] = []
  let settling: Settling<CandleRow> | undefined
  for (const row of rows) {
    if (row.startMs < ask.fromMs || row.startMs >= ask.toMs) continue
    if (isSettled(row, serverMs)) {
      const step = settleRow(settling, { ...row, isFinal: true }, rules)
      landed.push(...step.landed)
      settling = step.settling
    } else landed.push({ row, isFinal: false, proof: null })
  }
  return landed
}

/** Whether a candle's minute has been over for long enough. */
export function isSettled(
  { startMs, intervalMs }: Pick<CandleRow, 'startMs' | 'intervalMs'>,
  serverMs: number,
): boolean {
  return startMs + intervalMs + SETTLED_AFTER_MS <= serverMs
}

/** Lines of what REST gave of one symbol, in order. */
export function restLines(
  landed: readonly SettledRow<CandleRow>[],
  { mapper, ask, origin, instruments }: Pick<Answer, 'mapper' | 'ask' | 'origin' | 'instruments'>,
): LandingLine[] {
  const instrument = instrumentFinder(mapper.exchange, instruments)(ask.nativeSymbol)
  const record = { origin, channel: mapper.channel, source: 'rest', instrument } as const
  return landed.map(({ row: candle, isFinal, proof }, row) =>
    candleLine({ ...record, row, candle, isFinal, proof }),
  )
}
