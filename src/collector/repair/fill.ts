import { Channel } from '../../base/index.ts'
import type { BrokerAsk } from '../broker/broker.ts'
import { askGap } from './ask-gap.ts'
import type { AskPage } from './ask-page.ts'
import type { Asker } from './asker.ts'
import { type GapAsk, withWanted } from './gaps.ts'
import { type MinuteRange, subtractRanges } from './minute-ranges.ts'
import { type AskEvent, landedEvent, nameOf } from './repair-event.ts'
import { faultWaitMs } from './retry.ts'

/** What to fill, and through whom. */
export interface FillInput {
  /** Of each exchange in the order in which they are asked. */
  readonly asks: readonly GapAsk[]
  /** By exchange. */
  readonly askers: ReadonlyMap<string, Asker>
  readonly priority: BrokerAsk['priority']
}

/** How often one ask is tried that gets no answer. */
const TRIES = 5
/** Asks in a row that got none: the exchange is away. */
const GIVEN_UP_IN_A_ROW = 3

/**
 * Asks exchanges for missing minutes and lands what they say; the exchanges at the same time, each one ask after the
 * other. What does not answer is waited for and asked again, a few times.
 *
 * @throws the reason of the askers' signal, when it aborts
 */
export async function* fillGaps({ asks, askers, priority }: FillInput): AsyncGenerator<AskEvent, void> {
  const events = new Channel<AskEvent>()
  const fills = [...askers].map(([exchange, asker]) =>
    fillExchange(
      asker,
      asks.filter(({ instrument }) => instrument.exchange === exchange),
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

async function fillExchange(asker: Asker, asks: readonly GapAsk[], filling: Filling): Promise<void> {
  const unknown = new Set<string>()
  let givenUp = 0
  for (const ask of asks) {
    if (unknown.has(ask.instrument.nativeSymbol)) continue
    const fault = await fillAsk(asker, ask, filling)
    if (fault === 'unknown_symbol') unknown.add(ask.instrument.nativeSymbol)
    const isAway = fault === 'unavailable' || fault === 'limited'
    givenUp = isAway ? givenUp + 1 : 0
    if (givenUp >= GIVEN_UP_IN_A_ROW) return
  }
}

type AskEnd = Extract<AskPage, { type: 'fault' }>['fault'] | undefined

/** One ask, until all of it is answered; gives the fault after which it was given up. */
async function fillAsk(asker: Asker, ask: GapAsk, filling: Filling): Promise<AskEnd> {
  const { clock, signal } = asker.context
  let wanted = ask.wanted
  let tries = 0
  while (wanted.length > 0) {
    const { fault, answered } = await fillOnce(asker, withWanted(ask, wanted), filling)
    wanted = subtractRanges(wanted, answered)
    if (fault === undefined) return undefined
    tries = answered.length > 0 ? 1 : tries + 1
    const isHopeless = fault.fault === 'unknown_symbol' || fault.fault === 'malformed'
    const isLast = isHopeless || tries === TRIES
    const waitMs = isLast ? 0 : faultWaitMs(fault.fault, tries)
    filling.tell({ ...fault, ...nameOf(ask.instrument), waitMs })
    if (isLast) return fault.fault
    await clock.sleep(waitMs, signal)
  }
  return undefined
}

async function fillOnce(
  asker: Asker,
  ask: GapAsk,
  { priority, tell }: Filling,
): Promise<{ fault: Extract<AskPage, { type: 'fault' }> | undefined; answered: readonly MinuteRange[] }> {
  const answered: MinuteRange[] = []
  for await (const page of askGap(asker, ask, priority)) {
    if (page.type === 'fault') return { fault: page, answered }
    answered.push(...page.answered)
    const event = landedEvent(ask, page)
    if (event) tell(event)
  }
  return { fault: undefined, answered }
}
