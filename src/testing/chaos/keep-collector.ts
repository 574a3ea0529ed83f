import { systemClock } from '../../base/index.ts'
import type { KxProcess } from './collector-child.ts'
import type { Exchanges } from './exchanges.ts'
import { isAlive, processesOf, signal } from './processes.ts'
import type { Rig } from './rig.ts'
import { until } from './wait.ts'

/** `kx collect` under a service manager: whatever ends it, it is started again. */
export interface KeptCollector extends AsyncDisposable {
  current(): KxProcess
  /** Ends that nobody asked for, in words. */
  readonly surprises: readonly string[]
  /** All that was started, in order. */
  readonly starts: readonly KxProcess[]
  /** SIGKILL for these processes; the next start comes `downMs` of the shared clock after the end. */
  kill(pids: readonly number[], downMs: number): Promise<void>
  /** SIGTERM; gives the exit code. No start comes any more. */
  stop(withinMs: number): Promise<number | NodeJS.Signals>
}

/** A start after an end that nobody asked for, ms of the machine. */
const AGAIN_AFTER_MS = 100
const GONE_WITHIN_MS = 10_000

/** Starts it in a rig, with more arguments if need be. */
export function keepCollector(rig: Rig<Exchanges>, args: readonly string[] = []): KeptCollector {
  const start = () => rig.kx(['collect', ...args], { isCollector: true })
  const starts = [start()]
  const surprises: string[] = []
  const last = () => starts[starts.length - 1] as KxProcess
  let isWanted = true
  let downMs: number | undefined
  const keep = async () => {
    while (isWanted) {
      const { pid, logFile, ended } = last()
      const how = await ended
      if (!isWanted) return
      if (downMs === undefined) surprises.push(`pid ${pid} ended with ${how}: ${logFile}`)
      await systemClock.sleep(downMs === undefined ? AGAIN_AFTER_MS : downMs / rig.time.factor)
      downMs = undefined
      if (isWanted) starts.push(start())
    }
  }
  const keeping = keep()
  return {
    current: last,
    surprises,
    starts,
    async kill(pids, ms) {
      downMs = ms
      for (const pid of pids) signal(pid, 'SIGKILL')
      await until('killed processes to go', GONE_WITHIN_MS, () => !pids.some(isAlive))
    },
    async stop(withinMs) {
      isWanted = false
      const process = last()
      process.signal('SIGTERM')
      await until('the collector to stop', withinMs, () => process.hasEnded())
      return await process.ended
    },
    async [Symbol.asyncDispose]() {
      isWanted = false
      for (const { pid } of collectorProcesses(rig)) signal(pid, 'SIGKILL')
      await keeping
    },
  }
}

/** Supervisor and workers that are alive, orphans too. */
export function collectorProcesses(
  rig: Rig<Exchanges>,
): { readonly pid: number; readonly isWorker: boolean }[] {
  return processesOf(rig.bundle.directory)
    .filter(({ pid, command }) => / collect(-worker)?( |$)/.test(command) && isAlive(pid))
    .map(({ pid, command }) => ({ pid, isWorker: command.includes('collect-worker') }))
}
