import { Channel } from '../../base/index.ts'
import type { BrokerAsk } from '../broker/broker.ts'
import { askMissing, type Gap, type GapPage } from './ask-missing.ts'
import type { Asker } from './asker.ts'
import { countMinutes, joinRanges, type MinuteRange, subtractRanges } from './minute-ranges.ts'
import { type AskEvent, landedEvent, nameOf } from './repair-event.ts'
import { type AskFault, faultWaitMs } from './retry.ts'

/** What to fill, and through whom. */
export interface FillInput {
  /** Of each exchange in the order in which they are asked for. */
  readonly gaps: readonly Gap[]
  /** By exchange. */
  readonly askers: ReadonlyMap<string, Asker>
  readonly priority: BrokerAsk['priority']
}

/** How often one instrument is asked for that gets no answer: about ten minutes. */
const TRIES = 8
/** Answers in a row that nobody understands: the next one will hardly be another. */
const MALFORMED_IN_A_ROW = 3
/** Instruments in a row that got none: the exchange is away. */
const GIVEN_UP_IN_A_ROW = 3

/**
 * Asks exchanges for missing minutes and lands what they say; the exchanges at the same time, each one instrument
 * after the other. What does not answer is waited for and asked again, a few times.
 *
 * @throws the reason of the askers' signal, when it aborts
 */
export async function* fillGaps({ gaps, askers, priority }: FillInput): AsyncGenerator<AskEvent, void> {
  const events = new Channel<AskEvent>()
  const fills = [...askers].map(([exchange, asker]) =>
    fillExchange(
      asker,
      gaps.filter(({ instrument }) => instrument.exchange === exchange),
      { priority, tell: (event) => events.push(event) },
    ),
  )
  void Promise.all(fills).then(
    () => events.close(),
    (error) => events.fail(error),
  )
  yield* events
}

interface Filling {
  readonly priority: BrokerAsk['priority']
  readonly tell: (event: AskEvent) => void
}

async function fillExchange(asker: Asker, gaps: readonly Gap[], filling: Filling): Promise<void> {
  let givenUp = 0
  for (const gap of gaps) {
    if (givenUp >= GIVEN_UP_IN_A_ROW) {
      filling.tell({ type: 'skipped', ...nameOf(gap.instrument), minutes: countMinutes(gap.missing) })
      continue
    }
    const fault = await fillGap(asker, gap, filling)
    givenUp = fault === 'unavailable' || fault === 'limited' ? givenUp + 1 : 0
  }
}

/** One instrument, until all of it is answered; gives the fault after which it was given up. */
async function fillGap(asker: Asker, gap: Gap, filling: Filling): Promise<AskFault | undefined> {
  const { clock, signal } = asker.context
  let { missing } = gap
  let tries = 0
  while (missing.length > 0) {
    const { fault, answered } = await fillOnce(asker, { ...gap, missing }, filling)
    missing = subtractRanges(missing, joinRanges(answered))
    if (fault === undefined) return undefined
    tries = answered.length > 0 ? 1 : tries + 1
    const isMalformed = fault.fault === 'malformed'
    // It would be the same answer again: the minutes of that ask stay open, others may come.
    if (isMalformed) missing = subtractRanges(missing, fault.ask.wanted)
    const isHopeless = fault.fault === 'unknown_symbol' || missing.length === 0
    const isLast = isHopeless || tries >= (isMalformed ? MALFORMED_IN_A_ROW : TRIES)
    const waitMs = isLast || isMalformed ? 0 : faultWaitMs(fault.fault, tries)
    const { reason } = fault
    filling.tell({ type: 'fault', ...nameOf(gap.instrument), fault: fault.fault, reason, waitMs })
    if (isLast) return fault.fault
    await clock.sleep(waitMs, signal)
  }
  return undefined
}

async function fillOnce(
  asker: Asker,
  gap: Gap,
  { priority, tell }: Filling,
): Promise<{ fault: Extract<GapPage, { type: 'fault' }> | undefined; answered: readonly MinuteRange[] }> {
  const { instrument } = gap
  const answered: MinuteRange[] = []
  for await (const page of askMissing(asker, gap, priority)) {
    if (page.type === 'fault') return { fault: page, answered }
    if (page.type === 'unreachable') {
      tell({ type: 'unreachable', ...nameOf(instrument), minutes: countMinutes(page.ranges) })
      answered.push(...page.ranges)
      continue
    }
    // What candles no longer reached comes by trades.
    answered.push(...(page.ask.by === 'candles' ? page.final : page.answered))
    const event = landedEvent(instrument, page)
    if (event) tell(event)
  }
  return { fault: undefined, answered }
}
