import type { LandedMinutes } from './land-rows.ts'
import type { MinuteRange } from './minute-ranges.ts'
import type { AskFault } from './retry.ts'

/** One answer of an exchange to an ask. */
export type AskPage =
  | (LandedMinutes & {
      readonly type: 'landed'
      /** Wanted minutes that the answer was about and that were over by the exchange's clock, final or not. */
      readonly answered: readonly MinuteRange[]
    })
  /** The ask ends with it. */
  | { readonly type: 'fault'; readonly fault: AskFault; readonly reason: string }
