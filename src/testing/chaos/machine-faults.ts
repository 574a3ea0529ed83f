import type { Random } from '../../collector/simulator/random.ts'
import { readPostmaster } from '../../warehouse/engine/postmaster.ts'
import type { MachineFault } from './fault-schedule.ts'
import { collectorProcesses, type KeptCollector } from './keep-collector.ts'
import { losePower } from './lose-power.ts'
import { isAlive, signal } from './processes.ts'
import type { Rig } from './rig.ts'
import { watchSynced } from './synced-lengths.ts'
import { until } from './wait.ts'

/** When a fault of the machine was at work, ms of the shared clock, and what it may have cost. */
export interface FaultWindow {
  readonly kind: MachineFault['kind']
  readonly fromMs: number
  readonly toMs: number
  /** What was not synced when it struck is gone. */
  readonly isLossy: boolean
}

/** Makes faults of the machine. Those that end processes wait for each other. */
export interface MachineFaults {
  /** Resolves when it is over; the collector may still be starting. */
  strike(fault: MachineFault): Promise<void>
  /** The full disk, the store and the clock are as they should be. */
  calm(): Promise<void>
  readonly windows: readonly FaultWindow[]
  /** Identities of lines that were surely synced when power was lost. */
  readonly synced: ReadonlySet<string>
  /** How often each kind was done. */
  readonly counts: ReadonlyMap<MachineFault['kind'], number>
}

const WATCH_MS = 600
const BACKENDS_WITHIN_MS = 10_000
const PROCESS_WITHIN_MS = 30_000

/** Nothing is wrong at first. */
export function openMachineFaults(rig: Rig, collector: KeptCollector, random: Random): MachineFaults {
  const windows: FaultWindow[] = []
  const synced = new Set<string>()
  const counts = new Map<MachineFault['kind'], number>()
  /** How much of each part is surely on disk. */
  const sure = new Map<string, number>()
  const now = () => rig.simulator.now()
  const pass = (ms: number) => rig.time.clock.sleep(ms)
  let isAway = false
  let busy: Promise<void> = Promise.resolve()

  const allPids = () => collectorProcesses(rig).map(({ pid }) => pid)
  const alive = async (isWorker: boolean) => {
    const found = () => collectorProcesses(rig).filter((one) => one.isWorker === isWorker)
    await until('a process to kill', PROCESS_WITHIN_MS, () => found().length > 0)
    return found().map(({ pid }) => pid)
  }
  const killPostgres = (name: NodeJS.Signals) => {
    const postmaster = readPostmaster(rig.dataDirectory)
    return postmaster !== undefined && postmaster.processId > 0 && signal(postmaster.processId, name)
  }
  const watch = async () => {
    for (const [path, bytes] of await watchSynced(rig.landingDirectory, WATCH_MS)) atLeast(sure, path, bytes)
  }
  const killAll = async ({ kind, downMs }: Extract<MachineFault, { downMs: number }>) => {
    await alive(false)
    const fromMs = now()
    await watch()
    const supervisor = collector.current().pid
    const workers = await alive(true)
    const pids = kind === 'kill-supervisor' ? () => [supervisor] : allPids
    await collector.kill({ pids, downMs })
    // Workers that are left to themselves go on for a moment.
    await until('orphans to end', PROCESS_WITHIN_MS, () => !workers.some(isAlive))
    windows.push({ kind, fromMs, toMs: now(), isLossy: true })
  }
  const cutPower = async ({ downMs }: Extract<MachineFault, { downMs: number }>) => {
    await alive(false)
    const fromMs = now()
    await watch()
    const meanwhile = async () => {
      for (const [path, bytes] of await loadedLengths(rig)) atLeast(sure, path, bytes)
      killPostgres('SIGKILL')
      const loss = losePower(rig.landingDirectory, sure, random)
      for (const identity of loss.synced) synced.add(identity)
    }
    await collector.kill({ pids: allPids, downMs, meanwhile })
    windows.push({ kind: 'power-loss', fromMs, toMs: now(), isLossy: true })
  }
  const killWorker = async ({ place }: Extract<MachineFault, { kind: 'kill-worker' }>) => {
    const pids = await alive(true)
    const fromMs = now()
    await watch()
    signal(pids[place % pids.length] ?? 0, 'SIGKILL')
    windows.push({ kind: 'kill-worker', fromMs, toMs: now(), isLossy: true })
  }
  const storeAway = async (forMs: number) => {
    if (isAway) return
    isAway = true
    await rig.store.goAway()
    await pass(forMs)
    await rig.store.comeBack()
    isAway = false
  }
  const fillDisk = async (forMs: number) => {
    const fromMs = now()
    rig.disk?.fill()
    await pass(forMs)
    rig.disk?.free()
    windows.push({ kind: 'disk-full', fromMs, toMs: now(), isLossy: false })
  }
  const jump = async (skewMs: number, forMs: number) => {
    rig.time.jump(skewMs)
    await pass(forMs)
    rig.time.jump(0)
  }
  /** One after the other: none of these makes sense in the middle of another one. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = busy.then(work)
    busy = done.catch(() => undefined)
    return done
  }
  const act = (fault: MachineFault): Promise<void> => {
    switch (fault.kind) {
      case 'kill-collector':
      case 'kill-supervisor':
        return inTurn(() => killAll(fault))
      case 'power-loss':
        return inTurn(() => cutPower(fault))
      case 'kill-worker':
        return inTurn(() => killWorker(fault))
      case 'postgres-restart':
        return inTurn(async () => until('a server to stop', PROCESS_WITHIN_MS, () => killPostgres('SIGQUIT')))
      case 'store-away':
        return storeAway(fault.forMs)
      case 'store-faults':
        rig.store.fail('busy', 'drop-after-store', 'conflict', 'slow', 'drop')
        return Promise.resolve()
      case 'disk-full':
        return fillDisk(fault.forMs)
      case 'clock-seconds':
      case 'clock-hour':
        return jump(fault.skewMs, fault.forMs)
    }
  }
  return {
    async strike(fault) {
      await act(fault)
      counts.set(fault.kind, (counts.get(fault.kind) ?? 0) + 1)
    },
    async calm() {
      await busy
      rig.disk?.free()
      rig.store.behave()
      rig.time.jump(0)
    },
    windows,
    synced,
    counts,
  }
}

function atLeast(lengths: Map<string, number>, path: string, bytes: number): void {
  lengths.set(path, Math.max(bytes, lengths.get(path) ?? 0))
}

/** What of each part is in bronze: nothing is loaded that was not synced. Nobody collects when it is called. */
async function loadedLengths(rig: Rig): Promise<Map<string, number>> {
  await using warehouse = await rig.openWarehouse()
  await until('sessions of the collector to end', BACKENDS_WITHIN_MS, async () => {
    const { rows } = await warehouse.query(
      `select from pg_stat_activity where application_name = 'kx collect'`,
    )
    return rows.length === 0
  })
  const { rows: tables } = await warehouse.query(`select from pg_tables where tablename = 'load_file'`)
  if (tables.length === 0) return new Map()
  const { rows } = await warehouse.query<{ landing_file: string; to_byte: string }>(
    'select landing_file, max(to_byte) as to_byte from kx.load_file group by landing_file',
  )
  return new Map(rows.map((row) => [row.landing_file, Number(row.to_byte)]))
}
