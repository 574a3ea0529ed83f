import { HOUR_MS, systemClock } from '../../base/index.ts'
import { type Exchanges, simulateInProcess } from '../chaos/exchanges.ts'
import { keepCollector } from '../chaos/keep-collector.ts'
import { type MemoryWatch, watchMemory } from '../chaos/memory-watch.ts'
import { openRigOf, type Rig } from '../chaos/rig.ts'
import { troublesIn, untilLive } from '../chaos/run-chaos.ts'
import { type Coverage, coverageOf } from '../chaos/verify/coverage.ts'
import { checkExactlyOnce, type ExactlyOnce } from '../chaos/verify/exactly-once.ts'
import { landedParts, linesOf } from '../chaos/verify/stored-lines.ts'
import { checkBronze, checkSilver, type Span, type TruthCheck, truthOf } from '../chaos/verify/truth.ts'
import { until } from '../chaos/wait.ts'

/** What to collect, and how fast. */
export interface HoursOptions {
  readonly seed: number
  /** Coins on each of two exchanges. */
  readonly coins: number
  /** 60: an hour in a minute; 1: as it is. */
  readonly factor: number
  /** Minutes of the market that are to be there; ends at an hour's end, for silver is built by the hour. */
  readonly span: Span
  readonly say: (line: string) => void
  readonly isKept?: () => boolean
}

/** What came of it. */
export interface CollectedHours {
  readonly span: Span
  /** Silver after the last `kx run`, against the simulator's own truth. */
  readonly coverage: Coverage
  readonly silver: TruthCheck
  readonly bronze: TruthCheck
  readonly exactlyOnce: ExactlyOnce
  /** Final candles of minutes :59 that are not in their own hour, or not at all. */
  readonly lastMinutes: { readonly expected: number; readonly problems: readonly string[] }
  readonly runExitCodes: readonly (number | NodeJS.Signals)[]
  readonly exitCode: number | NodeJS.Signals
  readonly surprises: readonly string[]
  readonly memory: MemoryWatch['looks']
}

const MINUTE_MS = 60_000
/** Time to connect before the first minute that counts. */
const BEFORE_MS = 2 * MINUTE_MS
/** The settle time of the last hour, and a look of the repair. */
const AFTER_MS = 5 * MINUTE_MS
const START_WITHIN_MS = 30_000
const STOP_WITHIN_MS = 40_000

/** Collects a span of simulated market, builds the models several times meanwhile and at the end, and compares. */
export async function collectHours(options: HoursOptions): Promise<CollectedHours> {
  const { span, say } = options
  const atMs = span.fromMs - BEFORE_MS * Math.max(1, options.factor / 10)
  await using rig = await openRigOf({ ...options, atMs }, simulateInProcess)
  await using collector = keepCollector(rig)
  await untilLive(rig, START_WITHIN_MS)
  say(`${isoOf(rig.simulator.now())} live`)
  await using memory = watchMemory(rig, Math.max(500, MINUTE_MS / options.factor / 4))
  const runExitCodes: (number | NodeJS.Signals)[] = []
  const build = async () => {
    const code = await rig.kx(['run']).ended
    runExitCodes.push(code)
    say(`${isoOf(rig.simulator.now())} kx run: ${code}; ${await progressOf(rig)}`)
  }
  for (let atMs = span.fromMs + HOUR_MS / 2; atMs < span.toMs; atMs += HOUR_MS / 2) {
    await rig.time.clock.sleep(atMs - rig.simulator.now())
    await build()
  }
  await rig.time.clock.sleep(span.toMs + AFTER_MS - rig.simulator.now())
  const truth = truthOf(rig, span)
  await untilFinal(rig, { truth, say, withinMs: Math.max(60_000, (10 * MINUTE_MS) / options.factor) })
  const exitCode = await collector.stop(STOP_WITHIN_MS)
  await build()
  await using warehouse = await rig.openWarehouse()
  const past = truthOf(rig, { fromMs: span.fromMs - 3 * HOUR_MS, toMs: rig.simulator.now() })
  return {
    span,
    coverage: await coverageOf(warehouse, 'silver.fact_ohlcv', truth),
    silver: await checkSilver(warehouse, past),
    bronze: await checkBronze(warehouse, past),
    exactlyOnce: await checkExactlyOnce(rig, warehouse, new Set()),
    lastMinutes: checkLastMinutes(rig, span),
    runExitCodes,
    exitCode,
    surprises: [...collector.surprises, ...collector.starts.flatMap(({ log }) => troublesIn(log()))],
    memory: memory.looks,
  }
}

/** All that is wrong, in words. */
export function problemsOf(result: CollectedHours): string[] {
  const { coverage, silver, bronze, exactlyOnce, lastMinutes, surprises } = result
  const open = coverage.expected - coverage.final
  return [
    ...(open > 0
      ? [`${open} of ${coverage.expected} minutes are not final: ${coverage.examples.join('; ')}`]
      : []),
    ...silver.problems,
    ...bronze.problems,
    ...exactlyOnce.problems,
    ...lastMinutes.problems,
    ...surprises,
    ...(result.exitCode === 0 ? [] : [`kx collect ended with ${result.exitCode}`]),
    ...result.runExitCodes.filter((code) => code !== 0).map((code) => `kx run ended with ${code}`),
  ]
}

async function untilFinal(
  rig: Rig<Exchanges>,
  { truth, say, withinMs }: { truth: ReturnType<typeof truthOf>; say: HoursOptions['say']; withinMs: number },
): Promise<void> {
  await using warehouse = await rig.openWarehouse()
  try {
    await until('every minute to be final', withinMs, async () => {
      const { final, expected } = await coverageOf(warehouse, 'bronze.ohlcv_native', truth)
      if (final === expected) return true
      await systemClock.sleep(500)
      return false
    })
  } catch (error) {
    // What is missing is told by the comparison.
    say(String(error))
  }
}

async function progressOf(rig: Rig<Exchanges>): Promise<string> {
  const status = await rig.status()
  return (status?.exchanges ?? [])
    .map(
      (one) =>
        `${one.exchange} ${one.state}, ${one.frames} frames, open ${one.openMinutes}, lag ${one.lagMs} ms`,
    )
    .join(' · ')
}

/** Every :59 has a final line, and each lies in the folder of its own hour. */
function checkLastMinutes(rig: Rig<Exchanges>, { fromMs, toMs }: Span): CollectedHours['lastMinutes'] {
  const finals = new Set<string>()
  const problems: string[] = []
  for (const [path, content] of landedParts(rig)) {
    const folder = /exchange=(\w+)\/symbol=.*year=(\d+)\/month=(\d+)\/day=(\d+)\/hour=(\d+)\//.exec(path)
    if (folder === null) continue
    const [, exchange, ...hour] = folder
    for (const line of linesOf(content)) {
      const { fields } = JSON.parse(line) as {
        fields: { native_symbol: string; interval_start: string; is_final: boolean }
      }
      if (fields.interval_start.slice(0, 13) !== `${hour.slice(0, 3).join('-')}T${hour[3]}`)
        problems.push(`${fields.interval_start} of ${fields.native_symbol} lies in ${path}`)
      if (fields.is_final && fields.interval_start.slice(14, 16) === '59')
        finals.add(`${exchange} ${fields.native_symbol} ${Date.parse(fields.interval_start)}`)
    }
  }
  let expected = 0
  const firstMs = Math.floor(fromMs / HOUR_MS) * HOUR_MS + 59 * MINUTE_MS
  for (let startMs = firstMs; startMs < toMs; startMs += HOUR_MS) {
    for (const { exchange, nativeSymbol } of rig.instruments) {
      expected++
      if (!finals.has(`${exchange} ${nativeSymbol} ${startMs}`))
        problems.push(`no final candle of ${exchange} ${nativeSymbol} ${isoOf(startMs)} in its hour's folder`)
    }
  }
  return { expected, problems }
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19)
}
