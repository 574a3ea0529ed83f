import { MINUTE_MS } from './minute-ranges.ts'

/** After an answer that did not hold a minute it is asked for again so much later, ms; then it is reported. */
const AGAIN_AFTER_MS = [MINUTE_MS, 10 * MINUTE_MS, 60 * MINUTE_MS, 360 * MINUTE_MS]

/** How many such waits there are. */
export const MOST_WAITS = AGAIN_AFTER_MS.length

/** How long to wait before a minute is asked for again that was `asked` times; undefined: it stays open. */
export function againAfterMs(asked: number): number | undefined {
  return asked < 1 ? 0 : AGAIN_AFTER_MS[asked - 1]
}

/** What stands between us and an answer. */
export type AskFault = 'limited' | 'unknown_symbol' | 'unavailable' | 'malformed'

/** An exchange that does not answer, ms: first wait and longest. */
const UNAVAILABLE_MS = { first: 5000, most: 5 * MINUTE_MS }
/** An answer nobody understands will hardly be another one in a moment, ms. */
const MALFORMED_MS = { first: 60_000, most: 60 * MINUTE_MS }
/** A symbol that is not known may be listed one day, ms. */
const UNKNOWN_MS = 60 * MINUTE_MS

/** How long to wait after the n-th fault of a kind in a row, from 1, ms. `limited`: the broker waits. */
export function faultWaitMs(fault: AskFault, times: number): number {
  switch (fault) {
    case 'limited':
      return 0
    case 'unknown_symbol':
      return UNKNOWN_MS
    case 'unavailable':
      return Math.min(UNAVAILABLE_MS.first * 2 ** (times - 1), UNAVAILABLE_MS.most)
    case 'malformed':
      return Math.min(MALFORMED_MS.first * 2 ** (times - 1), MALFORMED_MS.most)
  }
}
