// Memory of a collector of 30 coins on two exchanges, half an hour as it goes: npx tsx bench/collect-memory.ts [SEED]
import { systemClock } from '../src/base/index.ts'
import { simulateInProcess } from '../src/testing/chaos/exchanges.ts'
import { keepCollector } from '../src/testing/chaos/keep-collector.ts'
import { watchMemory } from '../src/testing/chaos/memory-watch.ts'
import { openRigOf } from '../src/testing/chaos/rig.ts'
import { troublesIn, untilLive } from '../src/testing/chaos/run-chaos.ts'
import { pssByMinute, writeResult } from './lib/collected.ts'

const seed = Number(process.argv[2] ?? 11)
const coins = 30
const [minutes, warmUpMinutes] = [31, 5]
const limits = { mostMb: 300, growth: 0.05 }
// The hour turns over a third of the way: what happens then belongs to it.
const atMs = Date.parse('2026-03-10T12:50:00Z')
await using rig = await openRigOf({ seed, coins, factor: 1, atMs }, simulateInProcess)
await using collector = keepCollector(rig)
await untilLive(rig, 30_000)
await using memory = watchMemory(rig, 5_000)
await systemClock.sleep(minutes * 60_000)
const exitCode = await collector.stop(40_000)
const byMinute = pssByMinute(memory.looks).filter(({ minute }) => minute < minutes)
const mbAt = (wanted: number) => byMinute.find(({ minute }) => minute === wanted)?.mb ?? Number.NaN
const [atWarmUp, atEnd] = [mbAt(warmUpMinutes), mbAt(minutes - 1)]
const most = Math.max(...byMinute.map(({ mb }) => mb))
const growth = (atEnd - atWarmUp) / atWarmUp
const surprises = [...collector.surprises, ...collector.starts.flatMap(({ log }) => troublesIn(log()))]
const isWithin = most < limits.mostMb && growth < limits.growth && exitCode === 0 && surprises.length === 0
writeResult('collect-memory', {
  ...{ seed, coins, exchanges: 2, minutes, limits, exitCode, surprises },
  pssMb: {
    most,
    [`atMinute${warmUpMinutes}`]: atWarmUp,
    atEnd,
    growth: `${(growth * 100).toFixed(1)} %`,
    byMinute: byMinute.map(({ minute, mb }) => `${minute}: ${mb}`).join(' '),
  },
})
console.log(`${atWarmUp} MB at minute ${warmUpMinutes}, ${atEnd} at the end, ${most} at most`)
process.exitCode = isWithin ? 0 : 1
