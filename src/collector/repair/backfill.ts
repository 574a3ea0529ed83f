import type { Instrument } from '../../base/index.ts'
import { SETTLED_AFTER_MS } from '../delivery/index.ts'
import { type AskContext, type Asker, openAsker, type RepairExchange } from './asker.ts'
import { type Bronze, readFinals } from './bronze-reader.ts'
import { fillGaps } from './fill.ts'
import { type FinalMinutes, instrumentKey } from './final-minutes-ledger.ts'
import { expectedMinutes, missingMinutes } from './gaps.ts'
import { countMinutes, type MinuteRange, minuteOf } from './minute-ranges.ts'
import { type AskEvent, nameOf, type OfInstrument } from './repair-event.ts'

/** What a backfill needs. */
export interface BackfillInput extends AskContext, Bronze {
  /** Whole minutes; what has not been over for a minute by an exchange's clock is left out there. */
  readonly range: MinuteRange
  /** Those that were chosen. */
  readonly instruments: readonly Instrument[]
  readonly exchanges: readonly RepairExchange[]
  /** Brings into bronze what was landed; resolves when it is there. */
  readonly load: () => Promise<void>
}

/** What a backfill does. Plain JSON. */
export type BackfillEvent =
  | {
      readonly type: 'planned'
      readonly fromMs: number
      /** Exclusive. */
      readonly toMs: number
      readonly instruments: number
      readonly expectedMinutes: number
      readonly missingMinutes: number
    }
  /** An exchange of a chosen instrument that kx cannot ask. */
  | { readonly type: 'unmapped'; readonly exchange: string; readonly instruments: number }
  | AskEvent
  | { readonly type: 'loading' }
  | { readonly type: 'summary'; readonly instruments: readonly BackfilledInstrument[] }

/** How it ended for one instrument, in minutes. */
export interface BackfilledInstrument extends OfInstrument {
  readonly asked: number
  /** Final ones that were landed; of these, quiet ones. */
  readonly landed: number
  readonly quiet: number
  /** Without a final row in bronze afterwards, and where the first and the last lie. */
  readonly open: number
  readonly openFromMs: number | undefined
  readonly openToMs: number | undefined
  /** What the exchange said last, where it was no answer. */
  readonly reason: string | undefined
}

/**
 * Asks for every expected minute of a range that has no final row in bronze, lands and loads the answers, and says
 * what is still open.
 *
 * @throws {KxError} KX_WAREHOUSE_UNREACHABLE, and what `load` throws · the reason of `signal` when it aborts
 */
export async function* runBackfill(input: BackfillInput): AsyncGenerator<BackfillEvent, void> {
  const stop = new AbortController()
  const abort = () => stop.abort(input.signal.reason)
  if (input.signal.aborted) abort()
  input.signal.addEventListener('abort', abort, { once: true })
  try {
    yield* backfill({ ...input, signal: stop.signal })
  } finally {
    // Whoever stops reading stops the asking.
    stop.abort()
    input.signal.removeEventListener('abort', abort)
  }
}

async function* backfill(input: BackfillInput): AsyncGenerator<BackfillEvent, void> {
  const { range, instruments, exchanges } = input
  const mapped = new Set(exchanges.map(({ mapper }) => mapper.exchange))
  yield* unmapped(instruments, mapped)
  const names = [...mapped]
  const before = await readFinals(input, [range], names)
  const askers = new Map(exchanges.map((exchange) => [exchange.mapper.exchange, openAsker(exchange, input)]))
  const plans = await planAll(input, { before, askers })
  yield {
    type: 'planned',
    ...{ fromMs: range.fromMs, toMs: range.toMs, instruments: plans.length },
    expectedMinutes: sum(plans, ({ expected }) => countMinutes(expected)),
    missingMinutes: sum(plans, ({ missing }) => countMinutes(missing)),
  }
  const tally = createTally()
  const gaps = plans.filter(({ missing }) => missing.length > 0)
  for await (const event of fillGaps({ gaps, askers, priority: 'history' })) yield tally.note(event)
  yield { type: 'loading' }
  await input.load()
  const after = gaps.length === 0 ? before : await readFinals(input, [range], names)
  yield { type: 'summary', instruments: plans.map((plan) => tally.of(plan, after)) }
}

/** What one instrument needs. */
interface Plan {
  readonly instrument: Instrument
  readonly range: MinuteRange
  readonly expected: readonly MinuteRange[]
  readonly missing: readonly MinuteRange[]
}

async function planAll(
  { instruments, range, clock }: BackfillInput,
  { before, askers }: { readonly before: FinalMinutes; readonly askers: ReadonlyMap<string, Asker> },
): Promise<Plan[]> {
  const plans: Plan[] = []
  for (const [exchange, asker] of askers) {
    const serverMs = (await asker.serverMs('history')) ?? clock.now()
    const over = { fromMs: range.fromMs, toMs: Math.min(range.toMs, minuteOf(serverMs - SETTLED_AFTER_MS)) }
    for (const instrument of instruments.filter((one) => one.exchange === exchange)) {
      const missing = missingMinutes(instrument, over, before.get(instrumentKey(instrument)) ?? [])
      const expected = expectedMinutes(instrument, over)
      plans.push({ instrument, range: over, expected, missing })
    }
  }
  return plans
}

function* unmapped(
  instruments: readonly Instrument[],
  mapped: ReadonlySet<string>,
): Generator<BackfillEvent> {
  const others = instruments.map(({ exchange }) => exchange).filter((exchange) => !mapped.has(exchange))
  for (const exchange of new Set(others)) {
    yield { type: 'unmapped', exchange, instruments: others.filter((other) => other === exchange).length }
  }
}

interface Count {
  landed: number
  quiet: number
  skipped: number
  reason: string | undefined
  /** Why an answer was not understood: nothing that comes later is about its minutes. */
  malformed: string | undefined
}

/** Counts what events tell of each instrument. */
function createTally() {
  const counts = new Map<string, Count>()
  const countOf = (name: OfInstrument) => {
    const key = `${instrumentKey(name)} ${name.nativeSymbol}`
    const count = counts.get(key) ?? {
      ...{ landed: 0, quiet: 0, skipped: 0 },
      ...{ reason: undefined, malformed: undefined },
    }
    counts.set(key, count)
    return count
  }
  return {
    note(event: AskEvent): AskEvent {
      const count = countOf(event)
      if (event.type === 'landed') {
        count.landed += event.minutes
        count.quiet += event.quiet
        count.reason = count.malformed
      } else if (event.type === 'fault') {
        count.reason = `${event.fault}: ${event.reason}`
        if (event.fault === 'malformed') count.malformed = count.reason
      } else if (event.type === 'skipped') {
        count.skipped += event.minutes
        count.reason = 'not asked: the exchange gave no answer before'
      } else count.reason = 'older than the exchange goes back'
      return event
    },
    of({ instrument, range, missing }: Plan, after: FinalMinutes): BackfilledInstrument {
      const { skipped, landed, quiet, reason } = countOf(nameOf(instrument))
      const open = missingMinutes(instrument, range, after.get(instrumentKey(instrument)) ?? [])
      return {
        ...nameOf(instrument),
        ...{ asked: countMinutes(missing) - skipped, landed, quiet },
        ...{ open: countMinutes(open), openFromMs: open[0]?.fromMs, openToMs: open.at(-1)?.toMs },
        reason: open.length === 0 ? undefined : reason,
      }
    },
  }
}

function sum<Value>(values: readonly Value[], of: (value: Value) => number): number {
  return values.reduce((total, value) => total + of(value), 0)
}
