import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from '../lib/bench.ts'
import { createDatabase, type Database, psql, psqlCommand } from '../lib/database.ts'
import { expectSame, fillWarehouse, fingerprint, RUN_FIVE, resetSql } from '../lib/hours.ts'
import { type Command, environment, peakMbOf, timeOf } from '../lib/process.ts'
import { kxCommand, shippedProject } from '../lib/project.ts'
import { record } from '../lib/recorder.ts'
import { peakResult, type Result, ratioResult } from '../lib/result.ts'
import { takeTurns } from '../lib/rounds.ts'
import { scriptOf } from '../lib/statement.ts'

const HOURS = 72
const BY_HOUR = [...RUN_FIVE, '--batch', '1']

/** 72 hours one by one against psql with the same statements, and batched against one by one. */
export async function measureBackfill(bench: Bench): Promise<Result[]> {
  const { kx, server, rounds } = bench
  const directory = bench.directoryFor('backfill')
  const project = shippedProject(join(directory, 'project'))
  const database = createDatabase(server.database, 'kx_bench_backfill')
  fillWarehouse(kx, project, { database: { psql: database, target: database }, hours: HOURS })
  const reset = () => void psql(database, resetSql())
  const script = join(directory, 'replay.sql')
  const { replay, statements } = await recordReplay(bench, { project, database, script, reset })
  const byHour = kxCommand(kx, project, BY_HOUR, database)
  const batched = kxCommand(kx, project, RUN_FIVE, database)
  const times = takeTurns(
    [
      { name: 'replay', prepare: reset, measure: () => timeOf(replay) },
      { name: 'by hour', prepare: reset, measure: () => timeOf(byHour) },
      { name: 'batched', prepare: reset, measure: () => timeOf(batched) },
    ] as const,
    { rounds },
  )
  const rows = fingerprint(database, { withVersions: false })
  reset()
  const peaks = [peakMbOf(byHour)]
  expectSame('hours one by one and in batches', fingerprint(database, { withVersions: false }), rows)
  return [
    ratioResult(times, {
      id: 'by-hour',
      title: '72 hours × 5 models one at a time, to psql replaying its statements',
      limit: { atMost: 1.5 },
      of: 'by hour',
      to: 'replay',
      note: `${statements} statements`,
    }),
    ratioResult(times, {
      id: 'batched',
      title: '72 hours × 5 models: one at a time to batched',
      limit: { atLeast: 2 },
      of: 'by hour',
      to: 'batched',
    }),
    peakResult('by-hour-peak', '72 hours one at a time', peaks),
  ]
}

interface Recorded {
  readonly project: string
  readonly database: Database
  readonly script: string
  readonly reset: () => void
}

/** Records a run on one thread as a psql script, and checks that the script leaves the same tables and ledger. */
async function recordReplay(bench: Bench, { project, database, script, reset }: Recorded) {
  reset()
  const { statements, options } = await record(database, (proxied) =>
    finished(kxCommand(bench.kx, project, [...BY_HOUR, '--threads', '1'], proxied)),
  )
  writeFileSync(script, scriptOf(statements))
  const built = fingerprint(database, { withVersions: true })
  const replay = psqlCommand(database, script, { options })
  reset()
  timeOf(replay)
  expectSame('what kx built and what the replay left', built, fingerprint(database, { withVersions: true }))
  return { replay, statements: statements.length }
}

/** Runs a command while this process goes on: the proxy lives here. */
async function finished({ argv: [file = '', ...args], cwd, env }: Command): Promise<void> {
  const child = spawn(file, args, { cwd, env: environment(env), stdio: ['ignore', 'ignore', 'inherit'] })
  const code = await new Promise((resolve) => child.on('exit', resolve))
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`)
}
