import type { FromWorker, ToWorker, WorkerStatus } from '../worker/protocol.ts'
import type { Verdict } from './judge-worker.ts'
import type { Shard } from './shards.ts'
import type { WorkerPhase } from './worker-state.ts'

/** Keeps workers alive: starts, watches, restarts, replaces and splits them, for ever. */
export interface Supervisor {
  workers(): readonly WorkerView[]
  /** Starts of processes after the first of each shard. */
  restarts(): number
  /** Tells all workers, those of later included. */
  pause(kind: 'candles' | 'ticks', cause: string): void
  resume(kind: 'candles' | 'ticks'): void
  /** Since the supervisor last looked at its workers, ms: it is stuck when that is long. */
  idleMs(): number
  /** Lets workers seal what they have; those that are not done in time are killed, and their landing is recovered. */
  stop(cause: string, deadlineMs: number): Promise<void>
}

/** A worker as shown. */
export interface WorkerView {
  /** Number of its process; undefined: it has none now. */
  readonly worker: number | undefined
  readonly pid: number | undefined
  readonly phase: WorkerPhase
  /** Crashes since it was last stable. */
  readonly attempts: number
  readonly feeds: readonly Shard[]
  readonly status: WorkerStatus | undefined
}

/** What happened to a worker, for the log and for connection_events. */
export type SupervisorEvent =
  | { readonly type: 'worker_started'; readonly worker: number; readonly attempt: number }
  | {
      readonly type: 'worker_crashed'
      readonly worker: number
      /** In words: `signal SIGKILL`, `exit code 1`. */
      readonly how: string
      readonly attempt: number
    }
  | { readonly type: 'worker_killed'; readonly worker: number; readonly why: Verdict }
  | { readonly type: 'worker_replaced'; readonly worker: number; readonly why: Verdict; readonly by: number }
  | { readonly type: 'worker_failed'; readonly worker: number; readonly attempt: number }
  | { readonly type: 'worker_split'; readonly worker: number; readonly attempt: number }
  | { readonly type: 'worker_stopped'; readonly worker: number }

/** How the supervisor reaches what it does not do itself. */
export interface SupervisorHooks {
  /** What a worker says; `answer` reaches its process as long as it lives. */
  readonly hear: (
    message: FromWorker,
    worker: { readonly worker: number; readonly signal: AbortSignal; answer(message: ToWorker): void },
  ) => void
  /** Brings to an end what a process that is gone left in the landing. Must not reject. */
  readonly recover: (worker: number) => Promise<void>
  /** A process has ended, however it did, and what it left is recovered: nothing more comes of it. */
  readonly gone: (worker: number) => void
  readonly tell: (event: SupervisorEvent, feeds: readonly Shard[]) => void
  /** Process ids of all workers, before the newest of them can do anything. */
  readonly noteProcesses: (pids: readonly number[]) => void
}
