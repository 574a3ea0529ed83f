import type { Random } from '../random.ts'
import type { Timeline } from '../server/timeline.ts'
import type { Fault, FaultKind } from './fault.ts'
import { faultKinds } from './fault-fields.ts'

/** Random faults. The same random stream gives the same faults in the same order. */
export interface ChaosOptions {
  readonly timeline: Timeline
  readonly random: Random
  /** On average. */
  readonly perMinute: number
  /** Those to choose from; default: all but `burst`. Each comes once before any comes again. */
  readonly kinds?: readonly FaultKind[]
  /** Ids of exchanges to choose from. */
  readonly exchanges: readonly string[]
  readonly inject: (fault: Fault) => unknown
}

const MINUTE_MS = 60_000

/** Injects faults at random times. Gives what ends it. */
export function startChaos({ timeline, random, perMinute, inject, ...options }: ChaosOptions): () => void {
  const kinds = options.kinds ?? faultKinds.filter((kind) => kind !== 'burst')
  let deck: FaultKind[] = []
  const run = () => {
    if (deck.length === 0) deck = shuffled(kinds, random)
    const kind = deck.pop()
    if (kind !== undefined) inject(randomFault(kind, random, options.exchanges))
  }
  return atRandom({ timeline, random, perMinute, run })
}

/** Runs at random times, so often on average. Gives what ends it. */
export function atRandom({
  timeline,
  random,
  perMinute,
  run,
}: Pick<ChaosOptions, 'timeline' | 'random' | 'perMinute'> & { readonly run: () => void }): () => void {
  let callOff = () => {}
  const next = () => {
    const waitMs = (-Math.log(1 - random.next()) * MINUTE_MS) / perMinute
    callOff = timeline.at(timeline.now() + waitMs, () => {
      run()
      next()
    })
  }
  if (perMinute > 0) next()
  return () => callOff()
}

/** A fault of this kind as it might happen. */
export function randomFault(kind: FaultKind, random: Random, exchanges: readonly string[]): Fault {
  const pick = <Value>(values: readonly Value[]): Value =>
    values[Math.floor(random.next() * values.length)] as Value
  const between = (low: number, high: number) => Math.round(low + random.next() * (high - low))
  const exchange = pick(exchanges)
  const binance = exchanges.find((one) => one.startsWith('binance')) ?? exchange
  const faults: Readonly<Record<FaultKind, () => Fault>> = {
    drop: () => ({ kind: 'drop', exchange }),
    hang: () => ({ kind: 'hang', exchange }),
    close: () => ({ kind: 'close', exchange }),
    'close-every': () => ({
      kind: 'close-every',
      exchange,
      everyMs: between(20_000, 60_000),
      forMs: between(60_000, 180_000),
    }),
    shutdown: () => ({ kind: 'shutdown', exchange, leadMs: between(0, 20_000) }),
    silence: () => ({ kind: 'silence', exchange }),
    reject: () => ({ kind: 'reject', exchange }),
    duplicate: () => ({ kind: 'duplicate', exchange }),
    reorder: () => ({ kind: 'reorder', exchange }),
    corrupt: () => ({
      kind: 'corrupt',
      exchange,
      target: pick(['any', 'last', 'closing', 'answer']),
      how: pick(['truncated', 'garbled']),
    }),
    'delay-final': () => ({ kind: 'delay-final', exchange, byMs: between(20_000, 180_000) }),
    split: () => ({ kind: 'split', exchange, overMs: between(100, 5000) }),
    skew: () => ({ kind: 'skew', exchange, skewMs: between(-2000, 2000) }),
    'refuse-connect': () => ({
      kind: 'refuse-connect',
      exchange,
      status: pick([429, 503]),
      retryAfterMs: between(1000, 20_000),
    }),
    'rate-limit': () => ({ kind: 'rate-limit', exchange, retryAfterMs: between(1000, 30_000) }),
    ban: () => ({ kind: 'ban', exchange: binance, retryAfterMs: between(60_000, 180_000) }),
    'server-error': () => ({ kind: 'server-error', exchange, status: pick([500, 502, 503, 504]) }),
    'slow-body': () => ({ kind: 'slow-body', exchange, overMs: between(2000, 60_000) }),
    'error-body': () => ({ kind: 'error-body', exchange }),
    burst: () => ({ kind: 'burst', exchange }),
  }
  return faults[kind]()
}

function shuffled<Value>(values: readonly Value[], random: Random): Value[] {
  const deck = [...values]
  for (let at = deck.length - 1; at > 0; at--) {
    const other = Math.floor(random.next() * (at + 1))
    const [a, b] = [deck[at] as Value, deck[other] as Value]
    deck[at] = b
    deck[other] = a
  }
  return deck
}
