// At least 500 faults on a collector of 30 coins on two exchanges: npx tsx bench/chaos.ts [SEED] [FAULTS]
import { judgeChaos } from '../src/testing/chaos/judge-chaos.ts'
import { openRig } from '../src/testing/chaos/rig.ts'
import { runChaos } from '../src/testing/chaos/run-chaos.ts'
import { writeResult } from './lib/collected.ts'

const [seed, faults] = [Number(process.argv[2] ?? 5), Number(process.argv[3] ?? 500)]
const [coins, factor, everyMs] = [30, 20, 25_000]
const startedMs = performance.now()
const seconds = () => Math.round((performance.now() - startedMs) / 1000)
const say = (line: string) => console.log(`${String(seconds()).padStart(5)} s  ${line}`)
say(`seed ${seed}`)
let isKept = process.env.KX_KEEP === '1'
await using rig = await openRig({
  ...{ seed, coins, factor },
  atMs: Date.parse('2026-03-10T12:40:00Z'),
  hasSmallDisk: true,
  isKept: () => isKept,
})
const run = await runChaos(rig, { faults, everyMs, healWithinMs: 300_000, say })
const { problems, ...verdict } = await judgeChaos(rig, run)
say('judged')
writeResult('chaos', {
  ...{ seed, faults, coins, exchanges: 2, factor },
  seconds: seconds(),
  ...verdict,
  problems: problems.length,
  firstProblems: problems.slice(0, 50),
})
for (const problem of problems.slice(0, 200)) console.log(` - ${problem}`)
console.log(`${problems.length} problems`)
isKept ||= problems.length > 0
process.exitCode = problems.length === 0 ? 0 : 1
