import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Instrument } from '../../base/index.ts'
import { callCollector } from '../../collector/control/control.ts'
import type { Simulator } from '../../collector/simulator/server/index.ts'
import type { CollectStatus } from '../../collector/status/status.ts'
import { findHome } from '../../warehouse/engine/home.ts'
import { stopServer } from '../../warehouse/engine/lease.ts'
import { openWarehouse, type Target, type Warehouse } from '../../warehouse/index.ts'
import { aStore, storeCredentials, type TestStore } from '../store/a-store.ts'
import { type KxProcess, startKx } from './collector-child.ts'
import { type Exchanges, type ExchangesInput, simulateHere } from './exchanges.ts'
import { instrumentsOf } from './instruments.ts'
import { bundleKx, type KxBundle } from './kx-bundle.ts'
import { processesOf, signal } from './processes.ts'
import { writeProject } from './project-directory.ts'
import { type SharedTime, sharedTime } from './shared-time.ts'
import { mountSmallDisk, type SmallDisk } from './small-disk.ts'

/** A whole kx on one machine: simulated exchanges, a store, a project with its warehouse, a collector. */
export interface Rig<Simulated extends Exchanges = Exchanges & Simulator> extends AsyncDisposable {
  readonly seed: number
  readonly directory: string
  readonly landingDirectory: string
  readonly stateDirectory: string
  readonly instruments: readonly Instrument[]
  readonly time: SharedTime
  readonly simulator: Simulated
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

const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: process.env.PATH ?? '',
  HOME: process.env.HOME ?? '/root',
  NO_COLOR: '1',
  NODE_OPTIONS: '--trace-warnings',
  DATABASE_URL: '',
  AWS_EC2_METADATA_DISABLED: 'true',
  ...storeCredentials,
}

/** Builds one whose exchanges run in this process; see `openRigOf`. */
export function openRig(options: RigOptions): Promise<Rig> {
  return openRigOf(options, simulateHere)
}

/** Builds one in a temporary directory; nothing collects yet. Dispose it: every process of it is ended. */
export async function openRigOf<Simulated extends Exchanges>(
  options: RigOptions,
  simulate: (input: ExchangesInput) => Promise<Simulated>,
): Promise<Rig<Simulated>> {
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
  const home = findHome(project, process.env)
  const time = sharedTime(directory, { factor, atMs })
  let started = 0
  const kx = (args: readonly string[], env: Readonly<Record<string, string>>) =>
    startKx({
      program: bundle.program,
      args: ['--log-format', 'json', ...args],
      cwd: project,
      env: { ...ENVIRONMENT, ...env },
      logFile: join(directory, `${String(++started).padStart(4, '0')}-${args[0]}.log`),
    })
  const simulator = await simulate({ seed, instruments, time, directory, kx })
  const stateDirectory = join(project, '.kx', 'collect')
  const clean = () => {
    if (options.isKept?.() === true) return void process.stderr.write(`kept ${directory}\n`)
    for (const path of [home.socketDirectory, home.dataDirectory, directory])
      rmSync(path, { recursive: true, force: true })
  }
  return {
    ...{
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
    },
    dataDirectory: home.dataDirectory,
    kx: (args, { isCollector = false } = {}) =>
      kx(args, { ...simulator.environment, KX_CLOCK: isCollector ? time.collectorFile : time.file }),
    status: () => statusOf(stateDirectory),
    openWarehouse: () =>
      openWarehouse(targetOf(project), { poolSize: 2, applicationName: 'kx rig', env: process.env }),
    async [Symbol.asyncDispose]() {
      await simulator[Symbol.asyncDispose]()
      for (const { pid } of processesOf(bundle.directory)) signal(pid, 'SIGKILL')
      await stopServer(home)
      await store[Symbol.asyncDispose]()
      disk?.[Symbol.dispose]()
      bundle[Symbol.dispose]()
      clean()
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
