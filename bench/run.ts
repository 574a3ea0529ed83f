// The ratios that kx is held to, in one run: npm run bench -- [--quick|--full] [--only start-up,backfill,…]
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Bench } from './lib/bench.ts'
import { buildKx } from './lib/project.ts'
import { formatResults, isWithin, type Result } from './lib/result.ts'
import { openServer } from './lib/server.ts'
import { measureBackfill } from './measures/backfill.ts'
import { measureEmbedded } from './measures/embedded.ts'
import { measureList } from './measures/list.ts'
import { measureMonth } from './measures/month.ts'
import { measureStartUp } from './measures/start-up.ts'
import { measureStatus } from './measures/status.ts'

const MEASURES: Readonly<Record<string, (bench: Bench) => Promise<Result[]>>> = {
  'start-up': measureStartUp,
  list: measureList,
  status: measureStatus,
  backfill: measureBackfill,
  embedded: measureEmbedded,
  month: measureMonth,
}

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, full: { type: 'boolean' }, only: { type: 'string' } },
})
const names = options.only?.split(',') ?? Object.keys(MEASURES)
const directory = mkdtempSync(join(tmpdir(), 'kx-bench-'))
chmodSync(directory, 0o755)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

try {
  await using server = await openServer(join(directory, 'server'))
  const bench: Bench = {
    kx: buildKx(join(directory, 'kx')),
    server,
    rounds: options.quick ? 3 : 7,
    longRounds: options.full ? 7 : options.quick ? 1 : 3,
    directoryFor(name) {
      const made = join(directory, name)
      mkdirSync(made, { recursive: true })
      return made
    },
  }
  const loadBefore = loadavg()
  const results: Result[] = []
  for (const name of names) {
    const measure = MEASURES[name]
    if (measure === undefined)
      throw new Error(`no measure is called ${name}: ${Object.keys(MEASURES).join(', ')}`)
    const measured = await measure(bench)
    for (const line of formatResults(measured).slice(results.length === 0 ? 0 : 1)) console.log(line)
    results.push(...measured)
  }
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: cpus().length,
    memoryGb: Math.round(totalmem() / 1e9),
    node: process.version,
    postgres: server.version,
    settings: server.settings,
    loadBefore,
    loadAfter: loadavg(),
  }
  // What was measured in part is no result of a run.
  if (options.only === undefined) writeResults(machine, results)
  console.log(
    `\n${results.length} measures on ${machine.cpus} × ${machine.cpu}, PostgreSQL ${server.version}, load ${loadBefore.map((n) => n.toFixed(1)).join(' ')} → ${machine.loadAfter.map((n) => n.toFixed(1)).join(' ')}`,
  )
  for (const line of formatResults(results)) console.log(line)
  if (results.some((result) => isWithin(result) === false)) process.exitCode = 1
} finally {
  rmSync(directory, { recursive: true, force: true })
}

function writeResults(machine: object, results: readonly Result[]): void {
  const judged = results.map((result) => ({ ...result, isWithin: isWithin(result) }))
  mkdirSync('bench/results', { recursive: true })
  writeFileSync('bench/results/run.json', `${JSON.stringify({ machine, results: judged }, null, 2)}\n`)
}
