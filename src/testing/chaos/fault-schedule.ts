import { randomFault } from '../../collector/simulator/faults/chaos.ts'
import type { Random } from '../../collector/simulator/random.ts'
import { type Fault, type FaultKind, faultKinds } from '../../collector/simulator/server/index.ts'

/** What goes wrong on the collector's own machine and beside it. Times are ms of the shared clock. */
export type MachineFault =
  /** Supervisor and workers at once. */
  | { readonly kind: 'kill-collector'; readonly downMs: number }
  /** The supervisor alone: its workers are left to themselves. */
  | { readonly kind: 'kill-supervisor'; readonly downMs: number }
  /** One of the workers, by its place. */
  | { readonly kind: 'kill-worker'; readonly place: number }
  /** Everything at once, the warehouse too; what was not synced is lost or torn. */
  | { readonly kind: 'power-loss'; readonly downMs: number }
  | { readonly kind: 'postgres-restart' }
  | { readonly kind: 'store-away'; readonly forMs: number }
  /** The next uploads fail in several ways. */
  | { readonly kind: 'store-faults' }
  | { readonly kind: 'disk-full'; readonly forMs: number }
  /** The wall clock is wrong for a while. */
  | { readonly kind: 'clock-seconds'; readonly skewMs: number; readonly forMs: number }
  | { readonly kind: 'clock-hour'; readonly skewMs: number; readonly forMs: number }

export type MachineFaultKind = MachineFault['kind']
export type AnyFaultKind = FaultKind | MachineFaultKind

/** A fault and how long after the one before it strikes, ms of the shared clock. */
export interface ScheduledFault {
  readonly afterMs: number
  readonly fault: Fault | MachineFault
}

export interface ScheduleOptions {
  readonly random: Random
  readonly count: number
  readonly exchanges: readonly string[]
  /** Mean time between two, ms of the shared clock. */
  readonly everyMs: number
  readonly kinds: readonly AnyFaultKind[]
}

const SECOND = 1000
const MINUTE = 60_000

const machineKinds: readonly MachineFaultKind[] = [
  ...(['kill-collector', 'kill-supervisor', 'kill-worker', 'power-loss', 'postgres-restart'] as const),
  ...(['store-away', 'store-faults', 'disk-full', 'clock-seconds', 'clock-hour'] as const),
]

/**
 * All kinds. Tickers, which `burst` needs, have tests of their own; where no small disk can be mounted, a full one is
 * left to the landing's tests, which fail its writes.
 */
export function chaosKinds({ hasSmallDisk }: { readonly hasSmallDisk: boolean }): AnyFaultKind[] {
  const kinds: readonly AnyFaultKind[] = [...faultKinds, ...machineKinds]
  return kinds.filter((kind) => kind !== 'burst' && (hasSmallDisk || kind !== 'disk-full'))
}

/** Random faults at random times, each kind once before any comes again. The same random stream gives the same. */
export function planFaults({ random, count, exchanges, everyMs, kinds }: ScheduleOptions): ScheduledFault[] {
  let deck: AnyFaultKind[] = []
  return Array.from({ length: count }, () => {
    if (deck.length === 0) deck = shuffled(kinds, random)
    const kind = deck.pop() ?? 'drop'
    const afterMs = Math.min(-Math.log(1 - random.next()), 3) * everyMs
    const fault = isMachineKind(kind) ? machineFault(kind, random) : randomFault(kind, random, exchanges)
    return { afterMs, fault }
  })
}

/** Whether the rig makes it, not the simulator. */
export function isMachineFault(fault: Fault | MachineFault): fault is MachineFault {
  return isMachineKind(fault.kind)
}

function isMachineKind(kind: AnyFaultKind): kind is MachineFaultKind {
  return (machineKinds as readonly string[]).includes(kind)
}

function machineFault(kind: MachineFaultKind, random: Random): MachineFault {
  const between = (low: number, high: number) => Math.round(low + random.next() * (high - low))
  const sign = random.next() < 0.5 ? -1 : 1
  switch (kind) {
    case 'kill-collector':
    case 'kill-supervisor':
    case 'power-loss':
      return { kind, downMs: between(0, 20 * SECOND) }
    case 'kill-worker':
      return { kind, place: between(0, 100) }
    case 'store-away':
      return { kind, forMs: between(30 * SECOND, 5 * MINUTE) }
    case 'disk-full':
      return { kind, forMs: between(10 * SECOND, MINUTE) }
    case 'clock-seconds':
      return { kind, skewMs: sign * 2 * SECOND, forMs: between(10 * SECOND, MINUTE) }
    case 'clock-hour':
      return { kind, skewMs: sign * 60 * MINUTE, forMs: between(10 * SECOND, MINUTE) }
    default:
      return { kind }
  }
}

function shuffled<Value>(values: readonly Value[], random: Random): Value[] {
  const deck = [...values]
  for (let at = deck.length - 1; at > 0; at--) {
    const other = Math.floor(random.next() * (at + 1))
    const kept = deck[at] as Value
    deck[at] = deck[other] as Value
    deck[other] = kept
  }
  return deck
}
