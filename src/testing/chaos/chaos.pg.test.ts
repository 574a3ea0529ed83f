import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ChaosVerdict, judgeChaos } from './judge-chaos.ts'
import { openRig, type Rig } from './rig.ts'
import { type ChaosRun, runChaos } from './run-chaos.ts'
import { checkExactlyOnce } from './verify/exactly-once.ts'
import { checkSentFrames } from './verify/sent-frames.ts'
import { landedParts } from './verify/stored-lines.ts'
import { checkBronze, truthOf } from './verify/truth.ts'

const SEED = Number(process.env.KX_CHAOS_SEED ?? 50)
const FAULTS = 50
const FACTOR = 25
const WITHIN_MS = 170_000

// It brings its own warehouse: a second run on another server would show nothing new.
describe.skipIf(process.env.KX_TEST_DATABASE_URL)('a collector that comes to harm', () => {
  let rig: Rig
  let run: ChaosRun
  let verdict: ChaosVerdict

  beforeAll(async () => {
    rig = await openRig({
      ...{ seed: SEED, coins: 8, factor: FACTOR },
      atMs: Date.parse('2026-03-10T12:40:00Z'),
      hasSmallDisk: true,
      isKept: () => verdict === undefined || verdict.problems.length > 0,
    })
    const said: string[] = []
    run = await runChaos(rig, {
      ...{ faults: FAULTS, everyMs: 25_000, healWithinMs: 40_000 },
      say: (line) => said.push(line),
    })
    verdict = await judgeChaos(rig, run)
    process.stdout.write(`${shown(verdict)}\n`)
    if (verdict.problems.length > 0) process.stderr.write(`${said.join('\n')}\n`)
  }, WITHIN_MS)

  afterAll(() => rig[Symbol.asyncDispose](), 30_000)

  test(`${FAULTS} faults (seed ${SEED}), and nothing that was promised is broken`, () => {
    expect(verdict.problems).toEqual([])
  })

  test('every kind of fault struck', () => {
    expect(verdict.struck).toBeGreaterThanOrEqual(FAULTS)
    expect(Object.values(verdict.counts).every((count) => count > 0)).toBe(true)
  })

  test('most of what was sent had to be there', () => {
    expect(verdict.frames.due).toBeGreaterThan(verdict.frames.sent / 3)
    expect(verdict.synced).toBeGreaterThan(100)
    expect(verdict.bronze.quiet).toBeGreaterThan(0)
  })

  test('the comparison sees a row that is gone, one that is there twice, and one that is wrong', async () => {
    await using warehouse = await rig.openWarehouse()
    const past = truthOf(rig, { fromMs: run.span.fromMs - 3 * 3_600_000, toMs: rig.simulator.now() })
    await warehouse.query(`delete from bronze.ohlcv_native where ctid = (
      select ctid from bronze.ohlcv_native where is_final order by landing_file, landing_line limit 1)`)
    await warehouse.query(`insert into bronze.feed_uptime select * from bronze.feed_uptime limit 1`)
    await warehouse.query(`update bronze.ohlcv_native set close = close * 1.0000001 where ctid = (
      select ctid from bronze.ohlcv_native where is_final order by landing_file desc, landing_line limit 1)`)

    const once = await checkExactlyOnce(rig, warehouse, new Set(['nobody-1-2-kraken-3 4 5']))
    const bronze = await checkBronze(warehouse, past)

    expect(once.problems).toHaveLength(3)
    expect(bronze.problems).toHaveLength(1)
  })

  test('the comparison sees frames that are not in the landing', async () => {
    const parts = [...landedParts(rig)].filter(([path]) => !path.includes('exchange=kraken/symbol=BTC-USD'))
    const frames = await checkSentFrames({
      log: rig.simulator.log,
      parts: new Map(parts),
      windows: run.windows,
      graceMs: 2000,
      machineMs: 8000,
    })

    expect(frames.problems.length).toBeGreaterThan(0)
  })
})

function shown({ counts, frames, coverage, exactlyOnce, ...verdict }: ChaosVerdict): string {
  const kinds = Object.entries(counts).map(([kind, count]) => `${kind} ${count}`)
  const noDisk =
    counts['disk-full'] === undefined
      ? '\n  SKIPPED LOUDLY: no small disk can be mounted here; see failing-disk.test.ts'
      : ''
  return [
    `chaos: seed ${SEED}, ${verdict.struck} faults in ${verdict.simulatedMinutes} simulated minutes: ${kinds.join(', ')}`,
    `  ${exactlyOnce.lines} lines once in landing, store and bronze; ${verdict.synced} of them were synced before power was lost`,
    `  ${verdict.bronze.compared} final rows equal to the market, ${verdict.bronze.quiet} of them quiet; ${frames.due} of ${frames.sent} frames had to be there, ${frames.closeLost} of ${frames.close} were lost within ${FACTOR * 0.15} s more`,
    `  ${coverage.final} of ${coverage.expected} minutes final, healed after ${verdict.healedAfterS} s; ${verdict.starts} starts, at most ${verdict.peakMemoryMb} MB; ${verdict.problems.length} problems${noDisk}`,
  ].join('\n')
}
