import { type Clock, systemClock } from '../../base/index.ts'
import type { FeedPlan } from '../feed/feed.ts'
import type { WorkerLink } from '../worker/channel.ts'
import type { Shard, WorkerShards } from './shards.ts'
import type { Slot } from './slot.ts'
import type { SupervisorHooks } from './supervisor.ts'
import type { WorkerProcess } from './worker-process.ts'

/** What a supervisor needs. */
export interface SupervisorInput {
  readonly clock: Clock
  readonly random: () => number
  readonly collectorId: string
  readonly bootId: string
  /** Absolute. */
  readonly landingDirectory: string
  /** Who does what at first. */
  readonly workers: readonly WorkerShards[]
  readonly planOf: (shard: Shard) => FeedPlan
  /** All symbols of a shard that has its whole exchange; undefined: not known. */
  readonly symbolsOf: (shard: Shard) => readonly string[] | undefined
  readonly fork: (kind: 'candles' | 'ticks') => WorkerLink
  readonly hooks: SupervisorHooks
}

/** Everything that a supervisor knows of its workers. */
export interface Supervision {
  readonly input: SupervisorInput
  readonly slots: Set<Slot>
  /** Processes that have not ended. */
  readonly living: Set<WorkerProcess>
  /** Why a kind of feeds is held back. */
  readonly paused: Map<'candles' | 'ticks', string>
  /** Ends of processes that are being dealt with. */
  readonly endings: Set<Promise<void>>
  /** Aborts when all shall stop. */
  readonly stopping: AbortController
  lastWorker: number
  restarts: number
  /** When the slots were looked at last, monotonic ms. */
  lookedMs: number
}

/** Nothing started yet. */
export function newSupervision(input: SupervisorInput): Supervision {
  return {
    input,
    slots: new Set(),
    living: new Set(),
    paused: new Map(),
    endings: new Set(),
    stopping: new AbortController(),
    lastWorker: 0,
    restarts: 0,
    lookedMs: input.clock.monotonicMs(),
  }
}

/** A process that is told to stop is given so long, ms of the machine. */
const STOP_WITHIN_MS = 10_000

/** Tells a process to stop, and kills it if it does not. */
export function retire({ living, stopping }: Supervision, process: WorkerProcess, cause: string): void {
  process.send({ type: 'stop', cause })
  void systemClock.sleep(STOP_WITHIN_MS, stopping.signal).then((isOver) => {
    if (isOver && living.has(process)) process.kill()
  })
}

/** The process that waited for its place is the slot's own now. */
export function promote(slot: Slot): void {
  slot.current = slot.successor
  slot.successor = undefined
  slot.current?.send({ type: 'own' })
}
