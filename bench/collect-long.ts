// 70 minutes of 30 coins on two exchanges as they go, across an hour's border: npx tsx bench/collect-long.ts [SEED]
import { collectHours, problemsOf } from '../src/testing/acceptance/collect-hours.ts'
import { pssByMinute, summaryOf, writeResult } from './lib/collected.ts'

const seed = Number(process.argv[2] ?? 11)
const [coins, factor] = [30, 1]
const MINUTE_MS = 60_000
const startedMs = performance.now()
const minutes = () => (performance.now() - startedMs) / MINUTE_MS
// The clock begins a few minutes before ten to the hour; from there on it goes as the machine's does.
const toMs = Date.parse('2026-03-10T14:00:00Z')
console.log(`seed ${seed}`)
const result = await collectHours({
  ...{ seed, coins, factor },
  span: { fromMs: toMs - 70 * MINUTE_MS, toMs },
  say: (line) => console.log(`${minutes().toFixed(1).padStart(5)} min  ${line}`),
})
const pssMb = pssByMinute(result.memory)
const steady = pssMb.filter(({ minute }) => minute >= 5)
const [first, last] = [steady[0]?.mb ?? Number.NaN, steady.at(-1)?.mb ?? Number.NaN]
writeResult('collect-long', {
  ...{ seed, coins, exchanges: 2, factor },
  minutes: Math.round(minutes()),
  ...summaryOf(result),
  pssMb: {
    most: Math.max(...pssMb.map(({ mb }) => mb)),
    atMinute5: first,
    atEnd: last,
    growth: `${(((last - first) / first) * 100).toFixed(1)} %`,
    byMinute: pssMb.map(({ minute, mb }) => `${minute}: ${mb}`).join(' '),
  },
})
for (const problem of problemsOf(result).slice(0, 50)) console.log(` - ${problem}`)
console.log(`${problemsOf(result).length} problems`)
process.exitCode = problemsOf(result).length === 0 ? 0 : 1
