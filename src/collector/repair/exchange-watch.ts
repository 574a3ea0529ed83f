import type { Instrument } from '../../base/index.ts'
import { type FinalMinutes, instrumentKey } from './final-minutes-ledger.ts'
import { expectedMinutes } from './gaps.ts'
import { commonRanges, countMinutes, MINUTE_MS, type MinuteRange, subtractRanges } from './minute-ranges.ts'
import {
  dueMinutes,
  type OpenMinutes,
  withAnswered,
  withGivenUp,
  withOpen,
  withoutFinal,
  withUnread,
} from './open-minutes.ts'
import { type AskFault, faultWaitMs } from './retry.ts'

/** One instrument whose minutes are watched. */
export interface Watched {
  readonly instrument: Instrument
  readonly key: string
  open: OpenMinutes
  /** Final in the landing, not yet seen in bronze. */
  landed: readonly (MinuteRange & { readonly atMs: number })[]
  /** What came instead of its last answer. */
  fault: { readonly kind: AskFault; readonly times: number; readonly untilMs: number } | undefined
  /** When its live minutes were asked for, ms. */
  liveAskedMs: number
}

/** The loader brings a landed line within seconds; what it did not bring in this time is asked for again, ms. */
const LANDED_MS = 30 * MINUTE_MS

/** The instruments of one exchange with nothing known of them. */
export function createWatch(instruments: readonly Instrument[]): Watched[] {
  return instruments.map((instrument) => ({
    instrument,
    key: instrumentKey(instrument),
    open: [],
    landed: [],
    fault: undefined,
    liveAskedMs: Number.NEGATIVE_INFINITY,
  }))
}

/** Minutes of `range` have passed: those expected are open until bronze shows them. */
export function notePassed(watched: Watched, range: MinuteRange, nowMs: number): void {
  watched.open = withOpen(watched.open, expectedMinutes(watched.instrument, range), nowMs)
}

/** What bronze shows. A landed minute that it does not show in time is open again. */
export function noteBronze(watched: Watched, final: FinalMinutes, nowMs: number): void {
  const shown = final.get(watched.key) ?? []
  const waiting = watched.landed.flatMap((piece) =>
    subtractRanges([piece], shown).map((range) => ({ ...range, atMs: piece.atMs })),
  )
  const isLost = ({ atMs }: { readonly atMs: number }) => nowMs - atMs > LANDED_MS
  watched.landed = waiting.filter((piece) => !isLost(piece))
  watched.open = withOpen(withoutFinal(watched.open, shown), waiting.filter(isLost), nowMs)
}

/** What an answer held, and what it was about. */
export function noteAnswer(
  watched: Watched,
  {
    final,
    answered,
    nowMs,
  }: { final: readonly MinuteRange[]; answered: readonly MinuteRange[]; nowMs: number },
): void {
  watched.fault = undefined
  watched.landed = [...watched.landed, ...final.map((range) => ({ ...range, atMs: nowMs }))]
  watched.open = withAnswered(withoutFinal(watched.open, final), subtractRanges(answered, final), nowMs)
}

/** What came instead of an answer; gives how long its instrument is left alone, ms. */
export function noteFault(watched: Watched, kind: AskFault, nowMs: number): number {
  const times = watched.fault?.kind === kind ? watched.fault.times + 1 : 1
  const waitMs = faultWaitMs(kind, times)
  watched.fault = { kind, times, untilMs: nowMs + waitMs }
  return waitMs
}

/** Nobody understood the answer about `wanted`: the others are not to wait for it. */
export function noteUnread(watched: Watched, wanted: readonly MinuteRange[], nowMs: number): void {
  watched.open = withUnread(watched.open, wanted, nowMs)
}

/** Minutes that no answer of this exchange can hold any more. */
export function noteUnreachable(watched: Watched, ranges: readonly MinuteRange[]): void {
  watched.open = withGivenUp(watched.open, ranges)
}

/** Minutes of an instrument to ask for now, within `range`. */
export function dueWithin(watched: Watched, range: MinuteRange, nowMs: number): MinuteRange[] {
  if (watched.fault !== undefined && watched.fault.untilMs > nowMs) return []
  return commonRanges(dueMinutes(watched.open, nowMs), [range])
}

/** Open minutes of one instrument, for an operator. Plain JSON. */
export interface OpenReport {
  readonly exchange: string
  readonly nativeSymbol: string
  readonly symbol: string
  readonly quoteAsset: string
  readonly minutes: number
  /** Of these, those that are not asked for again. */
  readonly givenUp: number
  /** Of the first and the last. */
  readonly fromMs: number
  readonly toMs: number
  /** What the exchange said last, where it was no answer. */
  readonly fault: AskFault | undefined
}

/** What is open of an instrument; undefined: nothing. */
export function reportOpen({ instrument, open, fault }: Watched): OpenReport | undefined {
  const [first, last] = [open[0], open.at(-1)]
  if (!first || !last) return undefined
  const { exchange, nativeSymbol, symbol, quoteAsset } = instrument
  return {
    ...{ exchange, nativeSymbol, symbol, quoteAsset },
    minutes: countMinutes(open),
    givenUp: countMinutes(open.filter(({ dueMs }) => dueMs === undefined)),
    fromMs: first.fromMs,
    toMs: last.toMs,
    fault: fault?.kind,
  }
}
