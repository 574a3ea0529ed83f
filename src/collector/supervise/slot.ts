import type { Shard } from './shards.ts'
import type { WorkerProcess } from './worker-process.ts'
import { startingWorker, type WorkerState } from './worker-state.ts'

/** Shards that are one worker's, whatever process runs them. */
export interface Slot {
  readonly feeds: readonly Shard[]
  /** The other half of the worker that both were; undefined: planned so. */
  sibling: Slot | undefined
  state: WorkerState
  /** Whether a process of it ever ran for a stable time. */
  wasStable: boolean
  /** The process whose exit is a crash. */
  current: WorkerProcess | undefined
  /** One that takes its place when its feeds are live. */
  successor: WorkerProcess | undefined
  /** No replacement is begun before, monotonic ms. */
  replaceFromMs: number
  /** Number of its newest process, or of the one whose shards it took over; 0: none yet. */
  lastWorker: number
}

/** A slot whose first process is about to be started. */
export function newSlot(feeds: readonly Shard[], nowMs: number): Slot {
  return {
    feeds,
    sibling: undefined,
    state: startingWorker(nowMs),
    wasStable: false,
    current: undefined,
    successor: undefined,
    replaceFromMs: 0,
    lastWorker: 0,
  }
}

/** CCXT's slots have nothing else. */
export function kindOf(slot: Slot): 'candles' | 'ticks' {
  return slot.feeds[0]?.kind ?? 'candles'
}

/** Processes of a slot, the newest last. */
export function processesOf({ current, successor }: Slot): WorkerProcess[] {
  return [current, successor].filter((one) => one !== undefined)
}
