import type { Instrument } from '../../base/index.ts'
import type { GapPage } from './ask-missing.ts'
import type { OpenReport } from './exchange-watch.ts'
import type { GapAsk } from './gaps.ts'
import { countMinutes } from './minute-ranges.ts'
import type { AskFault } from './retry.ts'

/** Whose minutes an event is about. */
export interface OfInstrument {
  readonly exchange: string
  readonly nativeSymbol: string
  readonly symbol: string
  readonly quoteAsset: string
}

/** Something an exchange gave or refused. Plain JSON. */
export type AskEvent =
  | (OfInstrument & {
      readonly type: 'landed'
      readonly by: GapAsk['by']
      /** Final minutes that are on disk now; of these, quiet ones. */
      readonly minutes: number
      readonly quiet: number
      /** Of the first and the last. */
      readonly fromMs: number
      readonly toMs: number
    })
  /** No answer: asked again after `waitMs`; 0: as soon as the broker lets us. */
  | (OfInstrument & {
      readonly type: 'fault'
      readonly fault: AskFault
      readonly reason: string
      readonly waitMs: number
    })
  /** Not asked for: the exchange had no answer for several others in a row. */
  | (OfInstrument & { readonly type: 'skipped'; readonly minutes: number })
  /** Too old for the exchange. */
  | (OfInstrument & { readonly type: 'unreachable'; readonly minutes: number })

/** What a repair does. Plain JSON. */
export type RepairEvent =
  | AskEvent
  /** Open minutes of an exchange, when their number changed. */
  | { readonly type: 'open'; readonly exchange: string; readonly minutes: number }
  /** Bronze cannot be read: what is missing is not known. */
  | { readonly type: 'paused'; readonly reason: string }
  | { readonly type: 'resumed' }
  /** Once an hour: all that is open, by instrument. */
  | {
      readonly type: 'hour'
      /** Start of the hour that was settled, ms. */
      readonly hourMs: number
      readonly open: readonly OpenReport[]
    }

/** An instrument as events name it. */
export function nameOf({ exchange, nativeSymbol, symbol, quoteAsset }: Instrument): OfInstrument {
  return { exchange, nativeSymbol, symbol, quoteAsset }
}

/** The event of an answer; undefined if nothing final was landed. */
export function landedEvent(
  instrument: Instrument,
  { ask, final, quiet }: Extract<GapPage, { type: 'landed' }>,
): AskEvent | undefined {
  const [first, last] = [final[0], final.at(-1)]
  if (!first || !last) return undefined
  const range = { fromMs: first.fromMs, toMs: last.toMs }
  return { type: 'landed', ...nameOf(instrument), by: ask.by, minutes: countMinutes(final), quiet, ...range }
}
