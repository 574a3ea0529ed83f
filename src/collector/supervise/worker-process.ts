import type { Clock } from '../../base/index.ts'
import { systemClock } from '../../base/index.ts'
import type { WorkerExit, WorkerLink } from '../worker/channel.ts'
import type { FromWorker, ToWorker, WorkerPlan, WorkerStatus } from '../worker/protocol.ts'
import { judgeWorker, type Verdict } from './judge-worker.ts'

/** A worker's process, from its start to its end. */
export interface WorkerProcess {
  /** Of this process alone; another one for the same shards gets another. */
  readonly worker: number
  readonly pid: number | undefined
  readonly exited: Promise<WorkerExit>
  send(message: ToWorker): void
  kill(): void
  status(): WorkerStatus | undefined
  /** Whether it had time enough to have data. */
  isOverdue(): boolean
  /** What speaks against it; undefined: nothing, or it is being killed. */
  verdict(): Verdict | undefined
  /** Whether it is up and every feed of it has data, or never will by itself. */
  isLive(): boolean
  /** Whether every feed that has data in another process for the same shards has it here: some never get any. */
  isAsLiveAs(other: WorkerProcess | undefined): boolean
  /** Whether it said that all is sealed. */
  hasStopped(): boolean
}

export interface WorkerProcessInput {
  readonly clock: Clock
  readonly link: WorkerLink
  readonly plan: WorkerPlan
  readonly kind: 'candles' | 'ticks'
  /** Called with every message, after the process has looked at it. */
  readonly hear: (message: FromWorker) => void
}

/** A process is given so long to have data; however fast a scaled clock runs, it needs real time to start. */
const LIVE_WITHIN_MS = 300_000
const LIVE_WITHIN_MACHINE_MS = 15_000

/** Follows a process that was just started and tells it what to collect. */
export function followWorker({ clock, link, plan, kind, hear }: WorkerProcessInput): WorkerProcess {
  const startedMs = clock.monotonicMs()
  const startedMachineMs = systemClock.monotonicMs()
  let heardMs = startedMs
  let heardMachineMs = startedMachineMs
  let status: WorkerStatus | undefined
  let hasStopped = false
  let isKilled = false
  link.listen((message) => {
    heardMs = clock.monotonicMs()
    heardMachineMs = systemClock.monotonicMs()
    if (message.type === 'status') status = message.status
    if (message.type === 'stopped') hasStopped = true
    hear(message)
  })
  link.send({ type: 'start', plan })
  return {
    worker: plan.worker,
    pid: link.pid,
    exited: link.exited,
    send: (message) => link.send(message),
    kill() {
      isKilled = true
      link.kill()
    },
    status: () => status,
    isOverdue: () =>
      clock.monotonicMs() - startedMs > LIVE_WITHIN_MS &&
      systemClock.monotonicMs() - startedMachineMs > LIVE_WITHIN_MACHINE_MS,
    verdict() {
      if (isKilled) return undefined
      return judgeWorker({
        kind,
        ageMs: clock.monotonicMs() - startedMs,
        silentMs: clock.monotonicMs() - heardMs,
        silentMachineMs: systemClock.monotonicMs() - heardMachineMs,
        residentBytes: status?.residentBytes,
      })
    },
    isLive: () => (status?.feeds ?? []).length > 0 && status?.feeds.every(isSettled) === true,
    isAsLiveAs(other) {
      const theirs = other?.status()?.feeds ?? []
      return theirs.length > 0 && theirs.every((feed, i) => !isSettled(feed) || isSettled(status?.feeds[i]))
    },
    hasStopped: () => hasStopped,
  }
}

/** A feed that failed would not be live in another process either: it keeps nobody waiting. */
function isSettled(feed: WorkerStatus['feeds'][number] | undefined): boolean {
  return feed?.state === 'live' || feed?.state === 'failed' || feed?.state === 'paused'
}
