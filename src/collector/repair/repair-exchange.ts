import type { BrokerAsk } from '../broker/broker.ts'
import { askMissing } from './ask-missing.ts'
import type { Asker } from './asker.ts'
import type { BronzeReader } from './bronze-reader.ts'
import {
  dueWithin,
  noteAnswer,
  noteBronze,
  noteFault,
  notePassed,
  noteUnreachable,
  noteUnread,
  type Watched,
} from './exchange-watch.ts'
import { countMinutes, MINUTE_MS, type MinuteRange, minuteOf } from './minute-ranges.ts'
import { landedEvent, nameOf, type RepairEvent } from './repair-event.ts'
import type { RepairInput } from './repair-input.ts'
import type { AskFault } from './retry.ts'

/** One exchange under repair. */
export interface ExchangeRepair {
  readonly asker: Asker
  readonly watch: readonly Watched[]
  readonly input: RepairInput
  readonly reader: BronzeReader
  readonly tell: (event: RepairEvent) => void
  /** Between two asks for the live minutes of one instrument, ms. */
  readonly liveEveryMs: number
  /** Minutes before are taken up. */
  passedMs: number
  /** Open minutes that were told last; undefined: never, for nothing was known. */
  toldMinutes: number | undefined
  /** Since when the loader is behind, by the monotonic clock; undefined: it is not. */
  behindSinceMs: number | undefined
}

/** Minutes of one instrument to ask for. */
export interface Due {
  readonly watched: Watched
  readonly missing: readonly MinuteRange[]
}

/** A minute without a final row is looked at this long after its end, ms: the WebSocket had its time. */
export const LATE_MS = 2 * MINUTE_MS
/** A loader that is behind for longer than this may be so for ever, ms. */
const BEHIND_MS = 10 * MINUTE_MS

/** The exchange's clock, ms; ours where it does not tell. */
export async function serverNow({ asker, input }: ExchangeRepair): Promise<number> {
  return (await asker.serverMs('live')) ?? input.clock.now()
}

/** Takes up the minutes that have passed since the last time. */
export function takeUpPassed(repair: ExchangeRepair, serverMs: number): void {
  const range = { fromMs: repair.passedMs, toMs: minuteOf(serverMs - LATE_MS) }
  if (range.fromMs >= range.toMs) return
  for (const watched of repair.watch) notePassed(watched, range, repair.input.clock.monotonicMs())
  repair.passedMs = range.toMs
}

/** What is due of each instrument within a range. */
export function dueOf({ watch, input }: ExchangeRepair, range: MinuteRange): Due[] {
  const nowMs = input.clock.monotonicMs()
  return watch
    .map((watched) => ({ watched, missing: dueWithin(watched, range, nowMs) }))
    .filter(({ missing }) => missing.length > 0)
}

/** Looks up in bronze what is due and what was landed; gives whether that could be known. */
export async function lookUp(repair: ExchangeRepair, due: readonly Due[]): Promise<boolean> {
  const { watch, input, reader, asker } = repair
  const ranges = [...due.flatMap(({ missing }) => missing), ...watch.flatMap(({ landed }) => landed)]
  if (isLoaderBehind(repair)) return false
  const final = ranges.length === 0 ? new Map() : await reader.finals(ranges, asker.exchange.mapper.exchange)
  if (final === undefined) return false
  for (const watched of watch) noteBronze(watched, final, input.clock.monotonicMs())
  if (ranges.length > 0 || repair.toldMinutes !== undefined) tellOpen(repair)
  return true
}

function isLoaderBehind(repair: ExchangeRepair): boolean {
  const { isLoaded, clock } = repair.input
  if (isLoaded === undefined || isLoaded()) {
    repair.behindSinceMs = undefined
    return false
  }
  repair.behindSinceMs ??= clock.monotonicMs()
  return clock.monotonicMs() - repair.behindSinceMs < BEHIND_MS
}

/** Asks for what is missing of one instrument; gives the fault that ended it. */
export async function repairGap(
  repair: ExchangeRepair,
  { watched, missing }: Due,
  priority: BrokerAsk['priority'],
): Promise<AskFault | undefined> {
  const { asker, tell, input } = repair
  const { instrument } = watched
  for await (const page of askMissing(asker, { instrument, missing }, priority)) {
    const nowMs = input.clock.monotonicMs()
    if (page.type === 'fault') {
      const { fault, reason } = page
      const waitMs = noteFault(watched, fault, nowMs)
      if (fault === 'malformed') noteUnread(watched, page.ask.wanted, nowMs)
      tell({ type: 'fault', ...nameOf(instrument), fault, reason, waitMs })
      return fault
    }
    if (page.type === 'unreachable') {
      noteUnreachable(watched, page.ranges)
      tell({ type: 'unreachable', ...nameOf(instrument), minutes: countMinutes(page.ranges) })
      continue
    }
    noteAnswer(watched, { ...page, nowMs })
    const event = landedEvent(instrument, page)
    if (event) tell(event)
  }
  tellOpen(repair)
  return undefined
}

function tellOpen(repair: ExchangeRepair): void {
  const minutes = repair.watch.reduce((sum, { open }) => sum + countMinutes(open), 0)
  if (minutes === repair.toldMinutes) return
  repair.toldMinutes = minutes
  repair.tell({ type: 'open', exchange: repair.asker.exchange.mapper.exchange, minutes })
}
