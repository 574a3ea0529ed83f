import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { FeedPlan } from '../collector/feed/feed.ts'
import type { SyncedPart } from '../collector/landing/landing.ts'
import { forkWorker, type WorkerLink } from '../collector/worker/channel.ts'
import type { FromWorker, WorkerPlan } from '../collector/worker/protocol.ts'
import type { FeedExchange } from './a-feed-exchange.ts'

/** A worker process, and what it said. */
export interface AWorker {
  readonly link: WorkerLink
  readonly landing: string
  readonly said: FromWorker[]
  /** Whether asks are granted; a test may change it. */
  readonly world: { grants: boolean }
  start(): void
  /** The furthest of each part that it said is synced. */
  synced(): Map<string, SyncedPart>
  /** Waits until something is so; fails after 20 s. */
  until(what: string, isSo: () => boolean): Promise<void>
  /** Every part in its landing, by path below it. */
  parts(): Promise<Map<string, string>>
}

const MAIN = fileURLToPath(new URL('../cli/main.ts', import.meta.url))

/** One with a bug that shows on SIGUSR2. */
export const FAILING_WORKER = fileURLToPath(new URL('./failing-worker-child.ts', import.meta.url))

/** Starts `kx collect-worker`, or another script, for the running test; it ends with the test. */
export function aWorker(exchange: FeedExchange, script = MAIN): AWorker {
  const landing = mkdtempSync(join(tmpdir(), 'kx-worker-'))
  const link = forkWorker({
    script,
    argv: ['collect-worker'],
    env: { ...process.env, KX_CLOCK: undefined },
    execArgv: ['--import', 'tsx'],
  })
  const said: FromWorker[] = []
  const world = { grants: true }
  link.listen((message) => {
    said.push(message)
    if (message.type === 'ask' && world.grants) link.send({ type: 'granted', id: message.id })
    if (message.type === 'had-trades')
      link.send({ type: 'traded', id: message.id, answer: { hadTrades: false, isAllHeld: true } })
  })
  onTestFinished(async () => {
    link.kill()
    await link.exited
    rmSync(landing, { recursive: true, force: true })
  })
  return {
    link,
    landing,
    said,
    world,
    start: () => link.send({ type: 'start', plan: planOf(exchange, landing) }),
    synced() {
      const parts = said.flatMap((message) => (message.type === 'synced' ? message.parts : []))
      return new Map(parts.map((part) => [part.path, part]))
    },
    async until(what, isSo) {
      for (const endMs = Date.now() + 20_000; !isSo(); ) {
        if (Date.now() > endMs) throw new Error(`never: ${what}\n${JSON.stringify(said.slice(-5))}`)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    },
    async parts() {
      const names = await readdir(landing, { recursive: true })
      const files = names.filter((name) => name.endsWith('.jsonl'))
      return new Map(
        await Promise.all(
          files.map(async (name) => [name, await readFile(join(landing, name), 'utf8')] as const),
        ),
      )
    },
  }
}

function planOf(exchange: FeedExchange, landingDirectory: string): WorkerPlan {
  return {
    worker: 3,
    collectorId: 'c1',
    bootId: 'b1',
    landingDirectory,
    feeds: [feedOf(exchange)],
  }
}

function feedOf({ wsUrl, restUrl, behaviour }: FeedExchange): FeedPlan {
  return {
    exchange: 'kraken',
    kind: 'candles',
    instruments: Object.keys(behaviour.symbols).map((nativeSymbol) => ({
      exchange: 'kraken',
      nativeSymbol,
      symbol: nativeSymbol.replace('/', '-'),
      quoteAsset: nativeSymbol.split('/')[1] ?? '',
      multiplier: 1,
      marketType: 'spot',
      listedFromMs: undefined,
      listedToMs: undefined,
      renamedFrom: undefined,
      aliases: [],
    })),
    tickSymbols: undefined,
    settings: { exchange: 'kraken', wsUrl, restUrl, hasCandles: true, ticks: undefined },
  }
}
