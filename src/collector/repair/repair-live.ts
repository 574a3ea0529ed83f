import type { Asker } from './asker.ts'
import { MINUTE_MS, type MinuteRange, minuteOf } from './minute-ranges.ts'
import {
  type Due,
  dueOf,
  type ExchangeRepair,
  LATE_MS,
  lookUp,
  repairGap,
  serverNow,
  takeUpPassed,
} from './repair-exchange.ts'

/** Live minutes are the last three hours: what is older waits until these are settled. */
const LIVE_MS = 180 * MINUTE_MS
/** Instruments in a row without an answer: it is the exchange, not they. */
const FAULTS_IN_A_ROW = 3

/** Asks once for every instrument with live minutes that are due; gives whether the exchange answers. */
export async function repairLive(repair: ExchangeRepair): Promise<boolean> {
  const serverMs = await serverNow(repair)
  takeUpPassed(repair, serverMs)
  if (!(await lookUp(repair, dueOf(repair, liveRange(serverMs))))) return true
  let faults = 0
  for (const due of liveDue(repair, serverMs)) {
    due.watched.liveAskedMs = repair.input.clock.monotonicMs()
    const fault = await repairGap(repair, due, 'live')
    faults = fault === 'unavailable' ? faults + 1 : 0
    if (faults >= FAULTS_IN_A_ROW) return false
  }
  return faults === 0
}

/** Live minutes to ask for now, of instruments that were not asked for a moment ago. */
export function liveDue(repair: ExchangeRepair, serverMs: number): Due[] {
  const nowMs = repair.input.clock.monotonicMs()
  return dueOf(repair, liveRange(serverMs)).filter(
    ({ watched }) => nowMs - watched.liveAskedMs >= repair.liveEveryMs,
  )
}

/** What is older than live. */
export function historyRange(serverMs: number): MinuteRange {
  return { fromMs: Number.NEGATIVE_INFINITY, toMs: liveFrom(serverMs) }
}

function liveRange(serverMs: number): MinuteRange {
  // Minutes may have been taken up by our own clock, and that be ahead.
  return { fromMs: liveFrom(serverMs), toMs: minuteOf(serverMs - LATE_MS) }
}

function liveFrom(serverMs: number): number {
  return minuteOf(serverMs) - LIVE_MS
}

/**
 * How often the live minutes of one instrument are asked for, ms: every minute, unless so many instruments would
 * take more than half of what we may ask the exchange.
 */
export function liveEvery({ exchange }: Pick<Asker, 'exchange'>, instruments: number): number {
  const { budget, candles } = exchange.mapper.rest
  const { weight } = candles({ nativeSymbol: '', fromMs: 0, toMs: MINUTE_MS })
  // The broker gives us half of the budget; half of that is for history and other questions.
  return Math.max(MINUTE_MS, (4 * instruments * weight * budget.perMs) / budget.weight)
}
