import { randomOf } from '../../collector/simulator/random.ts'
import type { AnyFaultKind } from './fault-schedule.ts'
import { chaosKinds, isMachineFault, planFaults } from './fault-schedule.ts'
import { keepCollector } from './keep-collector.ts'
import { type FaultWindow, openMachineFaults } from './machine-faults.ts'
import { watchMemory } from './memory-watch.ts'
import type { Rig } from './rig.ts'
import { coverageOf } from './verify/coverage.ts'
import { type Span, truthOf } from './verify/truth.ts'
import { until } from './wait.ts'

export interface ChaosOptions {
  readonly faults: number
  /** Mean time between two, ms of the shared clock. */
  readonly everyMs: number
  /** Default: all that can be done here. */
  readonly kinds?: readonly AnyFaultKind[]
  /** How long the healthy time afterwards may last, ms of the machine. */
  readonly healWithinMs: number
  readonly say: (line: string) => void
}

/** What was done to a collector, and how it ended. */
export interface ChaosRun {
  /** How often each kind struck. */
  readonly counts: Readonly<Partial<Record<AnyFaultKind, number>>>
  readonly windows: readonly FaultWindow[]
  /** Identities of lines that were surely synced when power was lost. */
  readonly synced: ReadonlySet<string>
  /** The minutes that should be there. */
  readonly span: Span
  /** Ends of the collector that nobody asked for; errors in its logs. */
  readonly surprises: readonly string[]
  readonly starts: number
  readonly peakMemoryBytes: number
  /** How the last one stopped. */
  readonly exitCode: number | NodeJS.Signals
  /** From the last fault until nothing was open, ms of the shared clock; undefined: it was not, in time. */
  readonly healedAfterMs: number | undefined
}

const MINUTE_MS = 60_000
const START_WITHIN_MS = 60_000
const STOP_WITHIN_MS = 40_000
const MEMORY_EVERY_MS = 500
/** Of the shared clock. */
const LOOK_EVERY_MS = 20_000

/** Collects through random faults, lets everything heal, and stops. The same seed gives the same faults. */
export async function runChaos(rig: Rig, options: ChaosOptions): Promise<ChaosRun> {
  const { say } = options
  const random = randomOf(rig.seed, 'chaos')
  const exchanges = [...new Set(rig.instruments.map(({ exchange }) => exchange))]
  const { kinds = chaosKinds({ hasSmallDisk: rig.disk !== undefined }) } = options
  const schedule = planFaults({ ...options, random, exchanges, kinds, count: options.faults })
  await using collector = keepCollector(rig)
  await using memory = watchMemory(rig, MEMORY_EVERY_MS)
  await untilLive(rig, START_WITHIN_MS)
  const fromMs = Math.ceil(rig.simulator.now() / MINUTE_MS) * MINUTE_MS
  const machine = openMachineFaults(rig, collector, randomOf(rig.seed, 'machine'))
  // The final candle of an hour that comes in the next one, whenever the border is crossed.
  for (const exchange of exchanges)
    void rig.simulator.inject({ kind: 'delay-final', exchange, minute: 59, byMs: 2 * MINUTE_MS })
  const strikes: Promise<void>[] = []
  for (const { afterMs, fault } of schedule) {
    await rig.time.clock.sleep(afterMs)
    say(`${isoOf(rig.simulator.now())} ${JSON.stringify(fault)}`)
    if (isMachineFault(fault)) strikes.push(machine.strike(fault))
    else void rig.simulator.inject(fault)
  }
  await Promise.all(strikes)
  await machine.calm()
  await untilStruck(rig, { kinds, exchanges })
  for (const exchange of exchanges) {
    void rig.simulator.inject({ kind: 'close-every', exchange, everyMs: 0 })
    void rig.simulator.inject({ kind: 'skew', exchange, skewMs: 0 })
  }
  const calmMs = rig.simulator.now()
  say(`${isoOf(calmMs)} calm`)
  const span = { fromMs, toMs: Math.floor(calmMs / MINUTE_MS) * MINUTE_MS }
  const healedAfterMs = await heal(rig, { span, calmMs, withinMs: options.healWithinMs })
  const exitCode = await collector.stop(STOP_WITHIN_MS)
  const simulated = rig.simulator.counts()
  const counts = Object.fromEntries(
    kinds.map((kind) => [kind, machine.counts.get(kind as never) ?? simulated[kind as never] ?? 0]),
  )
  return {
    counts,
    windows: machine.windows,
    synced: machine.synced,
    span,
    surprises: [...collector.surprises, ...collector.starts.flatMap(({ log }) => troublesIn(log()))],
    starts: collector.starts.length,
    peakMemoryBytes: memory.peakBytes(),
    exitCode,
    healedAfterMs,
  }
}

/** Where connections never lived long enough, closing them in their time waits for the calm. */
async function untilStruck(
  rig: Rig,
  { kinds, exchanges }: { kinds: readonly AnyFaultKind[]; exchanges: readonly string[] },
): Promise<void> {
  if (!kinds.includes('close-every') || rig.simulator.counts()['close-every'] > 0) return
  const strikes = exchanges.map((exchange) =>
    rig.simulator.inject({ kind: 'close-every', exchange, everyMs: 20_000 }),
  )
  await Promise.race([...strikes, rig.time.clock.sleep(3 * MINUTE_MS)])
}

/** Waits until every minute of the span is final in bronze. */
async function heal(
  rig: Rig,
  { span, calmMs, withinMs }: { span: Span; calmMs: number; withinMs: number },
): Promise<number | undefined> {
  await using warehouse = await rig.openWarehouse()
  const truth = truthOf(rig, span)
  try {
    await until('every minute to be final', withinMs, async () => {
      await rig.time.clock.sleep(LOOK_EVERY_MS)
      const { final, expected } = await coverageOf(warehouse, 'bronze.ohlcv_native', truth)
      return final === expected
    })
    return rig.simulator.now() - calmMs
  } catch {
    return undefined
  }
}

/** Waits until every exchange is live, machine time. @throws {Error} */
export function untilLive(rig: Pick<Rig, 'status'>, withinMs: number): Promise<void> {
  return until('the collector to be live', withinMs, async () => {
    const status = await rig.status()
    return status?.exchanges.every(({ state }) => state === 'live') === true
  })
}

/** Lines that no fault of this kind excuses: bugs. */
export function troublesIn(log: string): string[] {
  return log
    .split('\n')
    .filter((line) =>
      /unhandled|uncaught|TypeError|ReferenceError|RangeError|MaxListeners|heap out of memory/i.test(line),
    )
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19)
}
