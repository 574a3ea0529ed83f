import { HOUR_MS } from '../../base/index.ts'
import type { Rig } from './rig.ts'
import type { ChaosRun } from './run-chaos.ts'
import { type Coverage, coverageOf } from './verify/coverage.ts'
import { checkExactlyOnce, type ExactlyOnce } from './verify/exactly-once.ts'
import { checkSentFrames, type FramesCheck } from './verify/sent-frames.ts'
import { landedParts, uploadedParts } from './verify/stored-lines.ts'
import { checkBronze, checkSilver, type TruthCheck, truthOf } from './verify/truth.ts'

/** What was promised of a collector that came to harm, and what of it held. */
export interface ChaosVerdict {
  /** Everything that was not as promised, in words. */
  readonly problems: readonly string[]
  readonly counts: ChaosRun['counts']
  readonly struck: number
  readonly exactlyOnce: Numbers<ExactlyOnce>
  readonly bronze: Numbers<TruthCheck>
  readonly silver: Numbers<TruthCheck>
  readonly frames: Numbers<FramesCheck>
  readonly coverage: Coverage
  /** Lines that were surely synced when power was lost. */
  readonly synced: number
  readonly starts: number
  readonly peakMemoryMb: number
  readonly healedAfterS: number | undefined
  readonly simulatedMinutes: number
}

type Numbers<Check> = Omit<Check, 'problems'> & { readonly problems: number }

/** Of expected minutes, once REST is healthy. */
const LEAST_FINAL = 0.99
/** Supervisor and two workers, and as much again. */
const MOST_MEMORY = 900e6
/** A frame of less than this before a fault may be lost: what the promise says, by the shared clock. */
const GRACE_MS = 2000
/** What the machine itself may take to bring a frame from one process through another to a file, ms of the machine. */
const MACHINE_MS = 150

/** Builds silver, then holds everything against the simulator's own log and market. */
export async function judgeChaos(rig: Rig, run: ChaosRun): Promise<ChaosVerdict> {
  const built = await rig.kx(['run', '--allow-partial']).ended
  await using warehouse = await rig.openWarehouse()
  const past = truthOf(rig, { fromMs: run.span.fromMs - 3 * HOUR_MS, toMs: rig.simulator.now() })
  const exactlyOnce = await checkExactlyOnce(rig, warehouse, run.synced)
  const bronze = await checkBronze(warehouse, past)
  const silver = await checkSilver(warehouse, past)
  const coverage = await coverageOf(warehouse, 'bronze.ohlcv_native', truthOf(rig, run.span))
  const frames = await checkSentFrames({
    log: rig.simulator.log,
    parts: new Map([...uploadedParts(rig), ...landedParts(rig)]),
    windows: run.windows,
    graceMs: GRACE_MS,
    machineMs: MACHINE_MS * rig.time.factor,
  })
  const share = coverage.final / coverage.expected
  const problems = [
    ...Object.entries(run.counts).flatMap(([kind, count]) => (count > 0 ? [] : [`${kind} never struck`])),
    ...run.surprises,
    ...(run.exitCode === 0 ? [] : [`kx collect ended with ${run.exitCode}`]),
    ...(built === 0 ? [] : [`kx run ended with ${built}`]),
    ...exactlyOnce.problems,
    ...bronze.problems,
    ...silver.problems,
    ...frames.problems,
    ...(share >= LEAST_FINAL
      ? []
      : [`${(share * 100).toFixed(2)} % of minutes are final: ${coverage.examples.join('; ')}`]),
    ...(run.peakMemoryBytes < MOST_MEMORY ? [] : [`${run.peakMemoryBytes / 1e6} MB`]),
  ]
  return {
    problems,
    counts: run.counts,
    struck: Object.values(run.counts).reduce((sum, count) => sum + count, 0),
    exactlyOnce: numbersOf(exactlyOnce),
    bronze: numbersOf(bronze),
    silver: numbersOf(silver),
    frames: numbersOf(frames),
    coverage,
    synced: run.synced.size,
    starts: run.starts,
    peakMemoryMb: Math.round(run.peakMemoryBytes / 1e6),
    healedAfterS: run.healedAfterMs === undefined ? undefined : Math.round(run.healedAfterMs / 1000),
    simulatedMinutes: Math.round((rig.simulator.now() - run.span.fromMs) / 60_000),
  }
}

function numbersOf<Check extends { readonly problems: readonly string[] }>(check: Check): Numbers<Check> {
  return { ...check, problems: check.problems.length }
}
