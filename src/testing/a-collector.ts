import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished, vi } from 'vitest'
import { KxError, type StoreSettings, scaledClock } from '../base/index.ts'
import { planFeeds } from '../collector/collect/plan-feeds.ts'
import { planWorkers } from '../collector/collect/plan-workers.ts'
import { runCollector } from '../collector/collect/run-collector.ts'
import { callCollector } from '../collector/control/control.ts'
import { mapperOf } from '../collector/exchange/index.ts'
import { listParts } from '../collector/landing/list-parts.ts'
import { openTail } from '../collector/load/tail.ts'
import { simulatedInstruments } from '../collector/simulator/index.ts'
import type { CollectEvent } from '../collector/status/collect-event.ts'
import type { CollectStatus } from '../collector/status/status.ts'
import { openS3Store } from '../collector/upload/s3-store.ts'
import { forkWorker } from '../collector/worker/channel.ts'
import { ensureSourceTables, type Warehouse } from '../warehouse/index.ts'
import { aSimulator } from './a-simulator.ts'
import { aWarehouse } from './database.ts'
import { candleTable, eventTable, instrumentTable, tickTable, uptimeTable } from './source-tables.ts'

/** A collector of two simulated exchanges, with workers of their own process and real Postgres. */
export interface ACollector {
  readonly warehouse: Warehouse
  readonly directory: string
  readonly events: CollectEvent[]
  /** Whether the warehouse can be reached; a test may change it. */
  readonly world: { isAway: boolean }
  /** What it shows of itself, asked for through its socket. */
  status(): Promise<CollectStatus>
  /** Waits until its status fits; fails after 40 s. */
  until(fits: (status: CollectStatus) => boolean): Promise<CollectStatus>
  /** Stops it and waits for its end. */
  stop(): Promise<void>
  /** Lines of all its parts, and whether each part is sealed. */
  landed(): Promise<{ readonly paths: string[]; readonly areSealed: boolean }>
  rows(sql: string): Promise<string[]>
}

const FACTOR = 20
const tables = [candleTable, tickTable, eventTable, uptimeTable, instrumentTable]

export interface ACollectorOptions {
  /** The warehouse cannot be reached at the start. */
  readonly isAway?: boolean
  /** Where sealed parts go; default: nowhere. */
  readonly store?: StoreSettings
}

/** Starts one; it is stopped when the test is over. */
export async function aCollector({ isAway = false, store }: ACollectorOptions = {}): Promise<ACollector> {
  const scale = { factor: FACTOR, realMs: Date.now(), atMs: Date.UTC(2024, 4, 1, 12, 58) }
  const clock = scaledClock(() => scale)
  const simulator = await aSimulator({ clock })
  const warehouse = await aWarehouse()
  await ensureSourceTables(warehouse, tables)
  const directory = mkdtempSync(join(tmpdir(), 'kx-collector-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const env = {
    ...process.env,
    KX_CLOCK: JSON.stringify(scale),
    KX_WS_KRAKEN: simulator.urls.kraken.ws,
    KX_REST_KRAKEN: simulator.urls.kraken.rest,
    KX_WS_BINANCE_US: simulator.urls.binance_us.ws,
    KX_REST_BINANCE_US: simulator.urls.binance_us.rest,
  }
  const world = { isAway }
  const stop = new AbortController()
  const stateDirectory = join(directory, 'collect')
  const landingDirectory = join(directory, 'landing')
  const instruments = simulatedInstruments
  const { feeds } = planFeeds(
    {
      ...{ instruments, env, exchanges: undefined, symbols: undefined, nowMs: clock.now() },
      settings: {
        ...{ landingDirectory, port: 0, workers: undefined, retainMs: undefined, store: undefined },
        exchanges: [],
      },
    },
    mapperOf,
  )
  const planning = { stateDirectory, feeds, workers: 2, cores: 2, planInput: undefined }
  const events: CollectEvent[] = []
  const script = fileURLToPath(new URL('../cli/main.ts', import.meta.url))
  const run = async () => {
    const running = runCollector({
      ...{ stateDirectory, landingDirectory, feeds, clock, signal: stop.signal, random: Math.random },
      ...{ port: 0, settleMs: 180_000, durationMs: undefined, retainMs: undefined },
      openStore: store && (() => openS3Store(store)),
      workers: await planWorkers(planning),
      fork: () => forkWorker({ script, argv: ['collect-worker'], env, execArgv: ['--import', 'tsx'] }),
      bronze: {
        target: warehouse.target,
        async open() {
          if (world.isAway) throw new KxError('KX_WAREHOUSE_UNREACHABLE', 'away')
          const tail = openTail({
            ...{ warehouse, tables, instruments, landingDirectory, stateDirectory, clock },
          })
          return { warehouse, tail, [Symbol.asyncDispose]: () => tail[Symbol.asyncDispose]() }
        },
      },
    })
    for await (const event of running) if (event.type !== 'status') events.push(event)
  }
  const running = run()
  running.catch(() => undefined)
  const end = async () => {
    stop.abort()
    await running
  }
  onTestFinished(end)
  const status = async () => {
    for await (const answer of (await callCollector(stateDirectory, { type: 'status' })) ?? []) {
      return answer as CollectStatus
    }
    throw new Error('the collector does not answer')
  }
  return {
    ...{ warehouse, directory, events, world, status, stop: end },
    until: (fits) =>
      vi.waitFor(
        async () => {
          const now = await status()
          if (!fits(now)) throw new Error(`not so: ${JSON.stringify(now)}`)
          return now
        },
        { timeout: 40_000, interval: 100 },
      ),
    async landed() {
      const found = []
      for await (const part of listParts(landingDirectory)) found.push(part)
      return {
        paths: found.map(({ path }) => join(landingDirectory, path)),
        areSealed: found.every(({ isSealed }) => isSealed),
      }
    },
    async rows(sql) {
      await using session = await warehouse.session()
      return (await session.queryText(sql)).rows.map((row) => row.map((value) => value ?? 'null').join(' '))
    },
  }
}
