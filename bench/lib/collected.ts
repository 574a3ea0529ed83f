import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type CollectedHours, problemsOf } from '../../src/testing/acceptance/collect-hours.ts'

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
