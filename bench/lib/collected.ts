import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type CollectedHours, problemsOf } from '../../src/testing/acceptance/collect-hours.ts'
import type { MemoryWatch } from '../../src/testing/chaos/memory-watch.ts'

const MINUTE_MS = 60_000

/** What a results file says of collected hours. */
export function summaryOf(result: CollectedHours): object {
  const { span, coverage, silver, bronze, exactlyOnce, lastMinutes } = result
  const problems = problemsOf(result)
  return {
    from: new Date(span.fromMs).toISOString(),
    to: new Date(span.toMs).toISOString(),
    minutesExpected: coverage.expected,
    minutesFinal: coverage.final,
    silverRowsEqualToTruth: silver.compared - silver.problems.length,
    silverRowsQuiet: silver.quiet,
    bronzeFinalRowsEqualToTruth: bronze.compared - bronze.problems.length,
    lastMinutesInTheirHour: lastMinutes.expected - lastMinutes.problems.length,
    linesInLandingStoreAndBronzeOnce: exactlyOnce.lines,
    problems: problems.length,
    firstProblems: problems.slice(0, 20),
  }
}

/** Writes `bench/results/<name>.json`, with the machine it ran on. */
export function writeResult(name: string, result: object): void {
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: cpus().length,
    memoryGb: Math.round(totalmem() / 1e9),
    node: process.version,
    loadAfter: loadavg(),
  }
  const file = fileURLToPath(new URL(`../results/${name}.json`, import.meta.url))
  mkdirSync(fileURLToPath(new URL('../results', import.meta.url)), { recursive: true })
  writeFileSync(file, `${JSON.stringify({ machine, ...result }, null, 2)}\n`)
  console.log(`written ${file}`)
}

/** Memory of a collector, MB: the mean of each minute since the start, while supervisor and workers ran. */
export function pssByMinute(looks: MemoryWatch['looks']): { minute: number; mb: number }[] {
  const startMs = looks[0]?.atMs ?? 0
  const most = Math.max(...looks.map(({ processes }) => processes))
  const byMinute = new Map<number, number[]>()
  for (const { atMs, bytes, processes } of looks) {
    if (processes < most) continue
    const minute = Math.floor((atMs - startMs) / MINUTE_MS)
    byMinute.set(minute, [...(byMinute.get(minute) ?? []), bytes / 1e6])
  }
  return [...byMinute].map(([minute, mb]) => ({
    minute,
    mb: Math.round(mb.reduce((sum, one) => sum + one, 0) / mb.length),
  }))
}
