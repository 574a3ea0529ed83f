import type { ParsedFrame } from '../exchange/mapper.ts'
import type { HeldRow } from '../finality/index.ts'
import type { LandingLine, Origin } from '../record/index.ts'

/** One unbroken WebSocket connection, seen frame by frame: parses, settles and gives lines to land. Pure. */
export interface Delivery {
  /**
   * What a frame is, and the lines it gives, in order of `row`: its records, what they close, the quiet minutes
   * they prove. A malformed one gives its dead letter and breaks the delivery of every symbol it may have carried.
   */
  take(
    frame: string,
    origin: Origin,
  ): { readonly parsed: ParsedFrame; readonly lines: readonly LandingLine[] }
  /**
   * Whether the silence of a symbol is in doubt: its subscription may have been dead. The next row of a symbol in
   * doubt proves nothing about the time before it, and ends the doubt.
   */
  doubt(nativeSymbol: string, isInDoubt: boolean): void
  /** The newest row of a symbol, whatever it proves; undefined: none yet. */
  held(nativeSymbol: string): HeldRow | undefined
}
