import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Instrument } from '../../base/index.ts'
import { callCollector } from '../../collector/collect/control.ts'
import type { CollectStatus } from '../../collector/collect/status.ts'
import { openSimulator, type Simulator } from '../../collector/simulator/server/index.ts'
import { findHome } from '../../warehouse/engine/home.ts'
import { stopServer } from '../../warehouse/engine/lease.ts'
import { openWarehouse, type Target, type Warehouse } from '../../warehouse/index.ts'
import { aStore, storeCredentials, type TestStore } from '../store/a-store.ts'
import { type KxProcess, startKx } from './collector-child.ts'
import { instrumentsOf } from './instruments.ts'
import { bundleKx, type KxBundle } from './kx-bundle.ts'
import { processesOf, signal } from './processes.ts'
import { writeProject } from './project-directory.ts'
import { type SharedTime, sharedTime } from './shared-time.ts'
import { mountSmallDisk, type SmallDisk } from './small-disk.ts'

/** A whole kx on one machine: simulated exchanges, a store, a project with its warehouse, a collector. */
export interface Rig extends AsyncDisposable {
  readonly seed: number
  readonly directory: string
  readonly landingDirectory: string
  readonly stateDirectory: string
  readonly instruments: readonly Instrument[]
  readonly time: SharedTime
  readonly simulator: Simulator
  readonly store: TestStore
  /** The landing's; undefined where none can be mounted. */
  readonly disk: SmallDisk | undefined
  readonly bundle: KxBundle
  /** Data directory of the warehouse. */
  readonly dataDirectory: string
  /** Starts `kx` in the project. Those that collect see a clock that may jump. */
  kx(args: readonly string[], options?: { readonly isCollector?: boolean }): KxProcess
  /** What the collector shows of itself; undefined: none runs, or it does not answer. */
  status(): Promise<CollectStatus | undefined>
  /** Opens the project's warehouse, starting it if need be. */
  openWarehouse(): Promise<Warehouse>
}

export interface RigOptions {
  readonly seed: number
  /** Coins on each of two exchanges. */
  readonly coins: number
  /** How many times as fast as the machine's the time runs. */
  readonly factor: number
  /** The time at the start. */
  readonly atMs: number
  /** Instruments are expected from here on; default: the start. */
  readonly listedFromMs?: number
  /** Puts the landing on a file system of its own that can be made full. */
  readonly hasSmallDisk?: boolean
  /** Asked at the end: whether its files stay for a look. */
  readonly isKept?: () => boolean
}

/** Builds one in a temporary directory; nothing collects yet. Dispose it: every process of it is ended. */
export async function openRig(options: RigOptions): Promise<Rig> {
  const { seed, coins, factor, atMs } = options
  const directory = mkdtempSync('/tmp/kx-rig-')
  // The server's own user must be able to walk in when this runs as root.
  chmodSync(directory, 0o755)
  const bundle = await bundleKx()
  const project = join(directory, 'project')
  const landingDirectory = join(directory, 'landing')
  mkdirSync(landingDirectory)
  const disk = options.hasSmallDisk ? mountSmallDisk(landingDirectory) : undefined
  const store = await aStore()
  const instruments = instrumentsOf(coins, options.listedFromMs ?? atMs)
  writeProject(project, { instruments, landingDirectory, store: store.settings })
  const time = sharedTime(directory, { factor, atMs })
  const simulator = await openSimulator({
    clock: time.clock,
    seed,
    instruments,
    logFile: join(directory, 'sent.jsonl'),
  })
  const home = findHome(project, process.env)
  const stateDirectory = join(project, '.kx', 'collect')
  const env = environmentOf(simulator)
  let started = 0
  return {
    seed,
    directory,
    landingDirectory,
    stateDirectory,
    instruments,
    time,
    simulator,
    store,
    disk,
    bundle,
    dataDirectory: home.dataDirectory,
    kx: (args, { isCollector = false } = {}) =>
      startKx({
        program: bundle.program,
        args: ['--log-format', 'json', ...args],
        cwd: project,
        env: { ...env, KX_CLOCK: isCollector ? time.collectorFile : time.file },
        logFile: join(directory, `${String(++started).padStart(4, '0')}-${args[0]}.log`),
      }),
    status: () => statusOf(stateDirectory),
    openWarehouse: () =>
      openWarehouse(targetOf(project), { poolSize: 2, applicationName: 'kx rig', env: process.env }),
    async [Symbol.asyncDispose]() {
      for (const { pid } of processesOf(bundle.directory)) signal(pid, 'SIGKILL')
      await stopServer(home)
      await simulator[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
      disk?.[Symbol.dispose]()
      bundle[Symbol.dispose]()
      const isKept = options.isKept?.() === true
      if (isKept) process.stderr.write(`kept ${directory}\n`)
      else
        for (const path of [home.socketDirectory, home.dataDirectory, directory])
          rmSync(path, { recursive: true, force: true })
    },
  }
}

async function statusOf(stateDirectory: string): Promise<CollectStatus | undefined> {
  try {
    const answers = await callCollector(stateDirectory, { type: 'status' })
    if (answers === undefined) return undefined
    for await (const answer of answers) return answer as CollectStatus
  } catch {
    // It is starting, or was just killed.
  }
  return undefined
}

function environmentOf({ urls }: Simulator): Record<string, string> {
  const { PATH = '', HOME = '/root' } = process.env
  return {
    PATH,
    HOME,
    NO_COLOR: '1',
    NODE_OPTIONS: '--trace-warnings --enable-source-maps',
    DATABASE_URL: '',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...storeCredentials,
    KX_WS_BINANCE_US: urls.binance_us.ws,
    KX_REST_BINANCE_US: urls.binance_us.rest,
    KX_WS_KRAKEN: urls.kraken.ws,
    KX_REST_KRAKEN: urls.kraken.rest,
  }
}

function targetOf(projectDirectory: string): Target {
  return {
    name: 'dev',
    engine: 'embedded',
    schemaPrefix: '',
    sourcePrefix: '',
    connection: {},
    projectDirectory,
  }
}
