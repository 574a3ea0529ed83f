import { fileURLToPath } from 'node:url'
import type { Bench } from '../lib/bench.ts'
import { createDatabase, type Database, environmentOf, psql } from '../lib/database.ts'
import { FIVE, fillWarehouse, forgetHourSql, RUN_FIVE } from '../lib/hours.ts'
import { peakMbOf, run, timeOf } from '../lib/process.ts'
import { kxCommand, shippedProject } from '../lib/project.ts'
import { peakResult, type Result, ratioResult } from '../lib/result.ts'
import { takeTurns } from '../lib/rounds.ts'

const HOURS = 72
const LAST = '2024-05-03T23'
const isLastHour = `partition_start = '${LAST}:00:00Z' and model ~ 'fact_ohlcv|ohlcv_([0-9]+m|1h)'`
const BARE = fileURLToPath(new URL('../bare-node.mjs', import.meta.url))

/** Whole processes against the bare node: one hour, nothing to do, help. */
export async function measureStartUp(bench: Bench): Promise<Result[]> {
  const { kx, server, rounds } = bench
  const project = shippedProject(bench.directoryFor('start-up'))
  const database = createDatabase(server.database, 'kx_bench_hour')
  fillWarehouse(kx, project, { database: { psql: database, target: database }, hours: HOURS })
  run(kxCommand(kx, project, ['run'], database))
  const idle = createDatabase(server.database, 'kx_bench_idle', database.name)
  const forgetHour = () => void psql(database, forgetHourSql(LAST))
  const oneHour = kxCommand(kx, project, RUN_FIVE, database)
  const again = kxCommand(kx, project, [...RUN_FIVE, '--partition', LAST], database)
  const nothing = kxCommand(kx, project, ['run'], idle)
  const bare = { argv: ['node', BARE], env: environmentOf(idle) }
  const times = takeTurns(
    [
      { name: 'N', measure: () => timeOf(bare) },
      { name: 'hour', prepare: forgetHour, measure: () => checkBuilt(database, timeOf(oneHour)) },
      { name: 'again', measure: () => timeOf(again) },
      { name: 'nothing', measure: () => timeOf(nothing) },
      { name: 'help', measure: () => timeOf({ argv: ['node', kx.bundle, '--help'] }) },
      { name: 'node', measure: () => timeOf({ argv: ['node', '-e', '0'] }) },
    ] as const,
    { rounds },
  )
  forgetHour()
  const peaks = [peakMbOf(oneHour), peakMbOf(nothing)]
  return [
    ratioResult(times, {
      id: 'hour',
      title: 'one hour × 5 models, its rows deleted and forgotten before, to N',
      limit: { atMost: 3 },
      of: 'hour',
      to: 'N',
    }),
    ratioResult(times, {
      id: 'hour-again',
      title: 'the same hour asked for again (--partition), nothing differs',
      limit: { atMost: 3 },
      of: 'again',
      to: 'N',
    }),
    ratioResult(times, {
      id: 'nothing',
      title: 'nothing to do, to N',
      limit: { atMost: 2.1 },
      of: 'nothing',
      to: 'N',
    }),
    ratioResult(times, {
      id: 'help',
      title: 'kx --help, to node -e 0',
      limit: { atMost: 2 },
      of: 'help',
      to: 'node',
    }),
    peakResult('hour-peak', 'one hour, nothing to do', peaks),
  ]
}

/** Gives `ms` back. @throws {Error} if the hour was not built by all five models. */
function checkBuilt(database: Database, ms: number): number {
  const built = psql(database, `select count(*) from kx.partition where ${isLastHour}`)
  if (built !== String(FIVE.length)) throw new Error(`${built} of ${FIVE.length} models were built`)
  return ms
}
