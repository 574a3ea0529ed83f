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
  /** Ends processes, the supervisor among them, at once. */
  kill(kill: Kill): Promise<void>
  /** SIGTERM; gives the exit code. No start comes any more. */
  stop(withinMs: number): Promise<number | NodeJS.Signals>
}

/** How a collector is ended. */
export interface Kill {
  /** Asked until none of them is left: a supervisor may just be starting another one. */
  readonly pids: () => readonly number[]
  /** From the end to the next start, ms of the shared clock. */
  readonly downMs: number
  /** Done before the next start, when all are gone. */
  readonly meanwhile?: () => Promise<void>
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
  /** Resolves when the next start may come; undefined: nobody asked for the end. */
  let killing: Promise<void> | undefined
  const keep = async () => {
    while (isWanted) {
      const { pid, logFile, ended } = last()
      const how = await ended
      if (!isWanted) return
      if (killing === undefined) surprises.push(`pid ${pid} ended with ${how}: ${logFile}`)
      await (killing ?? systemClock.sleep(AGAIN_AFTER_MS))
      killing = undefined
      if (isWanted) starts.push(start())
    }
  }
  const killAll = async ({ pids, downMs, meanwhile }: Kill) => {
    await until('killed processes to go', GONE_WITHIN_MS, () => {
      const alive = pids().filter(isAlive)
      for (const pid of alive) signal(pid, 'SIGKILL')
      return alive.length === 0
    })
    await meanwhile?.()
    await systemClock.sleep(downMs / rig.time.factor)
  }
  const keeping = keep()
  return {
    current: last,
    surprises,
    starts,
    async kill(kill) {
      killing = killAll(kill)
      await killing
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
