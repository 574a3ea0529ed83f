// How fast frames go from a socket through parser, finality and landing to the disk, against ws and JSON.parse alone,
// and how the event loop fares at 5,000 messages a second.
//   npx tsx bench/feed.ts
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { WORKER_FLAGS } from '../src/cli/shared/small-heap.ts'
import { formatResults, isWithin, type Result } from './lib/result.ts'
import { spreadOf } from './lib/rounds.ts'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? '7')
const FRAMES = 200_000
const RATE = 5_000
const RATE_FRAMES = 100_000
const directory = mkdtempSync(join(tmpdir(), 'kx-bench-feed-'))

interface Listened {
  readonly ms: number
  readonly delayP99Ms: number
  readonly cpuMs: number
  readonly peakMb: number
}

try {
  const listener = join(directory, 'listener.mjs')
  await build({
    entryPoints: ['bench/feed/listener.ts'],
    outfile: listener,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external: ['ccxt', '@aws-sdk/*', 'bufferutil', 'utf-8-validate'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  })
  const listen = (kind: 'bare' | 'kx', frames: number, perSecond: number) =>
    listenOnce({ listener, kind, frames, perSecond })
  const rounds: { bare: Listened; kx: Listened }[] = []
  for (let i = -1; i < ROUNDS; i++) {
    const isBareFirst = i % 2 === 0
    const first = await listen(isBareFirst ? 'bare' : 'kx', FRAMES, 0)
    const second = await listen(isBareFirst ? 'kx' : 'bare', FRAMES, 0)
    if (i >= 0) rounds.push(isBareFirst ? { bare: first, kx: second } : { bare: second, kx: first })
  }
  const steady: Listened[] = []
  for (let i = 0; i < 3; i++) steady.push(await listen('kx', RATE_FRAMES, RATE))
  const results = resultsOf(rounds, steady)
  console.log(formatResults(results).join('\n'))
  const machine = { cpus: cpus().length, node: process.version }
  mkdirSync('bench/results', { recursive: true })
  writeFileSync(
    'bench/results/feed.json',
    `${JSON.stringify({ machine, frames: FRAMES, results }, null, 2)}\n`,
  )
  if (results.some((result) => isWithin(result) === false)) process.exitCode = 1
} finally {
  rmSync(directory, { recursive: true, force: true })
}

function resultsOf(
  rounds: readonly { bare: Listened; kx: Listened }[],
  steady: readonly Listened[],
): Result[] {
  const rate = ({ ms }: Listened) => (FRAMES / ms) * 1000
  return [
    {
      id: 'feed-rate',
      title: 'frames: socket to synced landing, to ws + JSON.parse',
      unit: '×',
      limit: { atLeast: 0.5 },
      value: spreadOf(rounds.map(({ bare, kx }) => rate(kx) / rate(bare))),
      rounds: rounds.length,
      medianMs: {
        bare: spreadOf(rounds.map(({ bare }) => bare.ms)).median,
        kx: spreadOf(rounds.map(({ kx }) => kx.ms)).median,
      },
    },
    {
      id: 'feed-delay',
      title: `event loop at ${RATE} messages a second: p99 delay`,
      unit: 's',
      limit: { atMost: 0.05 },
      value: spreadOf(steady.map(({ delayP99Ms }) => delayP99Ms / 1000)),
      rounds: steady.length,
    },
    {
      id: 'feed-peak',
      title: 'peak memory of the listening process',
      unit: 'MB',
      limit: { atMost: 200 },
      value: spreadOf([...rounds.map(({ kx }) => kx.peakMb), ...steady.map(({ peakMb }) => peakMb)]),
      rounds: rounds.length + steady.length,
    },
  ]
}

async function listenOnce(options: {
  readonly listener: string
  readonly kind: 'bare' | 'kx'
  readonly frames: number
  readonly perSecond: number
}): Promise<Listened> {
  const { listener, kind, frames, perSecond } = options
  const blaster = spawn('node', ['bench/feed/blaster.mjs', String(frames), String(perSecond)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [port] = (await once(blaster.stdout, 'data')) as [Buffer]
    const landing = join(directory, 'landing')
    rmSync(landing, { recursive: true, force: true })
    // As `kx collect` starts a worker of candles.
    const flags = kind === 'kx' ? WORKER_FLAGS.candles : []
    const argv = [...flags, listener, kind, String(port).trim(), String(frames), landing]
    const child = spawn('node', argv, { stdio: ['ignore', 'pipe', 'inherit'], timeout: 120_000 })
    const printed: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => printed.push(chunk))
    await once(child, 'close')
    execFileSync('sync')
    return JSON.parse(Buffer.concat(printed).toString()) as Listened
  } finally {
    blaster.kill()
  }
}
