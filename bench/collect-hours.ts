// Three simulated hours of 30 coins on two exchanges, an hour in a minute: npx tsx bench/collect-hours.ts [SEED]
import { collectHours, problemsOf } from '../src/testing/acceptance/collect-hours.ts'
import { summaryOf, writeResult } from './lib/collected.ts'

const seed = Number(process.argv[2] ?? 7)
const [coins, factor] = [30, 60]
const startedMs = performance.now()
const seconds = () => (performance.now() - startedMs) / 1000
const fromMs = Date.parse('2026-03-10T12:00:00Z')
console.log(`seed ${seed}`)
const result = await collectHours({
  ...{ seed, coins, factor },
  span: { fromMs, toMs: fromMs + 3 * 3_600_000 },
  say: (line) => console.log(`${seconds().toFixed(0).padStart(4)} s  ${line}`),
})
const mb = result.memory.map(({ bytes }) => bytes / 1e6)
writeResult('collect-hours', {
  ...{ seed, coins, exchanges: 2, factor },
  seconds: Math.round(seconds()),
  ...summaryOf(result),
  pssMb: { most: Math.round(Math.max(...mb)) },
})
for (const problem of problemsOf(result).slice(0, 50)) console.log(` - ${problem}`)
console.log(`${problemsOf(result).length} problems`)
process.exitCode = problemsOf(result).length === 0 ? 0 : 1
