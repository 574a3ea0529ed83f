import type { Instrument } from '../../base/index.ts'
import { MINUTE_MS, type MinuteRange, minuteOf, subtractRanges } from './minute-ranges.ts'

/** One question to an exchange: the candles of one instrument in a range. */
export interface GapAsk {
  readonly instrument: Instrument
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
  /** Minutes of the range that are missing: only these are landed. */
  readonly wanted: readonly MinuteRange[]
  /** `trades`: too old for the exchange's candles, built from its trades. */
  readonly by: 'candles' | 'trades'
}

/** Most minutes of one ask: what one page of Kraken (720) and of Binance (1000) holds, with the minute beside it. */
const ASK_MINUTES = 700
/** An exchange's reach shrinks while we ask, minutes. */
const REACH_MARGIN = 10

/** Minutes of `range` in which an instrument is listed, whole ones. */
export function expectedMinutes(
  { listedFromMs, listedToMs }: Pick<Instrument, 'listedFromMs' | 'listedToMs'>,
  range: MinuteRange,
): MinuteRange[] {
  const fromMs = Math.max(range.fromMs, listedFromMs ?? Number.NEGATIVE_INFINITY)
  const toMs = Math.min(range.toMs, listedToMs ?? Number.POSITIVE_INFINITY)
  // A minute that is listed in part has no candle that could be whole.
  const [firstMs, endMs] = [minuteOf(fromMs + MINUTE_MS - 1), minuteOf(toMs)]
  return firstMs < endMs ? [{ fromMs: firstMs, toMs: endMs }] : []
}

/** Expected minutes of `range` that have no final row. */
export function missingMinutes(
  instrument: Pick<Instrument, 'listedFromMs' | 'listedToMs'>,
  range: MinuteRange,
  final: readonly MinuteRange[],
): MinuteRange[] {
  return subtractRanges(expectedMinutes(instrument, range), final)
}

/** How an exchange can be asked, and when. */
export interface AskReach {
  /** Minutes before now that its candles reach; undefined: all. */
  readonly reachMinutes: number | undefined
  /** Whether it gives the trades of older minutes. */
  readonly hasTrades: boolean
  /** Its clock, ms. */
  readonly serverMs: number
}

/**
 * The fewest asks that hold all missing minutes of one instrument, each within a page, oldest first. Minutes that
 * nothing reaches any more are in `unreachable`.
 */
export function planAsks(
  instrument: Instrument,
  missing: readonly MinuteRange[],
  { reachMinutes, hasTrades, serverMs }: AskReach,
): { readonly asks: readonly GapAsk[]; readonly unreachable: readonly MinuteRange[] } {
  const reachedMs =
    reachMinutes === undefined
      ? Number.NEGATIVE_INFINITY
      : minuteOf(serverMs) - (reachMinutes - REACH_MARGIN) * MINUTE_MS
  const old = missing.flatMap(({ fromMs, toMs }) => cut(fromMs, Math.min(toMs, reachedMs)))
  const recent = missing.flatMap(({ fromMs, toMs }) => cut(Math.max(fromMs, reachedMs), toMs))
  const asksOf = (ranges: readonly MinuteRange[], by: GapAsk['by']) =>
    pagesOf(ranges).map((wanted) => withWanted({ instrument, by }, wanted))
  return {
    asks: [...(hasTrades ? asksOf(old, 'trades') : []), ...asksOf(recent, 'candles')],
    unreachable: hasTrades ? [] : old,
  }
}

function cut(fromMs: number, toMs: number): MinuteRange[] {
  return fromMs < toMs ? [{ fromMs, toMs }] : []
}

/** Ranges put together as long as a page holds them; longer ones are cut. */
function pagesOf(ranges: readonly MinuteRange[]): MinuteRange[][] {
  const pages: MinuteRange[][] = []
  let endMs = Number.NEGATIVE_INFINITY
  for (const range of ranges) {
    for (let fromMs = range.fromMs; fromMs < range.toMs; ) {
      if (fromMs >= endMs) {
        pages.push([])
        endMs = fromMs + ASK_MINUTES * MINUTE_MS
      }
      const toMs = Math.min(range.toMs, endMs)
      pages.at(-1)?.push({ fromMs, toMs })
      fromMs = toMs
    }
  }
  return pages
}

/** An ask for these minutes, a list. */
export function withWanted(
  { instrument, by }: Pick<GapAsk, 'instrument' | 'by'>,
  wanted: readonly MinuteRange[],
): GapAsk {
  return { instrument, wanted, by, fromMs: wanted[0]?.fromMs ?? 0, toMs: wanted.at(-1)?.toMs ?? 0 }
}
