/**
 * Where a worker is:
 *
 * starting → running → crashed → backoff → restarting → running, and back to crashed from any of them. Crashed is
 * left when what the process left in the landing is recovered. A spent budget of attempts is `failed`: one attempt
 * every 15 minutes, for ever. Stopping → stopped is asked for.
 */
export type WorkerPhase =
  | 'starting'
  | 'running'
  | 'crashed'
  | 'backoff'
  | 'restarting'
  | 'failed'
  | 'stopping'
  | 'stopped'

/** A worker as the supervisor sees it. Times are monotonic, ms. */
export interface WorkerState {
  readonly phase: WorkerPhase
  readonly sinceMs: number
  /** Crashes since it last ran for a stable time. */
  readonly attempts: number
  /** When the next attempt is made, in `backoff` and `failed`. */
  readonly dueMs: number | undefined
}

/** What happened to it. */
export type WorkerEvent =
  /** It is up. */
  | 'ready'
  /** Its process ended. */
  | 'exited'
  /** Its landing is recovered. */
  | 'recovered'
  /** It shall end. */
  | 'stop'
  /** Time passed. */
  | 'tick'

/** What is to be done: `start` a process, `tell` it to stop, `split` its shards over two workers in its place. */
export type WorkerOrder = 'start' | 'tell' | 'split'

/** What a step may know beside the state. */
export interface WorkerMoment {
  readonly nowMs: number
  /** 0 ≤ r < 1. */
  readonly random: () => number
  readonly canSplit: boolean
}

/** A worker that ran for so long is stable: its attempts are forgotten. */
const STABLE_MS = 60_000
const BACKOFF_FROM_MS = 1_000
const BACKOFF_TO_MS = 60_000
/** Attempts in a row, none of them stable, after which its shards are split. */
const SPLIT_AFTER = 5
/** Attempts in a row after which it counts as failed. */
const BUDGET = 10
const FAILED_RETRY_MS = 900_000

/** A worker whose process is about to be started. */
export function startingWorker(nowMs: number): WorkerState {
  return { phase: 'starting', sinceMs: nowMs, attempts: 0, dueMs: undefined }
}

/** The state after an event, and what it calls for. An event that means nothing in a state changes nothing. */
export function stepWorker(
  state: WorkerState,
  event: WorkerEvent,
  moment: WorkerMoment,
): { readonly state: WorkerState; readonly order: WorkerOrder | undefined } {
  const { phase, attempts, dueMs } = state
  const { nowMs } = moment
  const to = (next: WorkerPhase, order?: WorkerOrder) => ({
    state: { phase: next, sinceMs: nowMs, attempts, dueMs: undefined },
    order,
  })
  switch (event) {
    case 'ready':
      return isComing(phase) ? to('running') : { state, order: undefined }
    case 'exited':
      if (phase === 'stopping') return to('stopped')
      return hasProcess(phase) ? to('crashed') : { state, order: undefined }
    case 'recovered':
      return phase === 'crashed' ? afterCrash(state, moment) : { state, order: undefined }
    case 'stop':
      if (phase === 'stopping' || phase === 'stopped') return { state, order: undefined }
      return hasProcess(phase) ? to('stopping', 'tell') : to('stopped')
    case 'tick':
      if (dueMs !== undefined && nowMs >= dueMs) return to('restarting', 'start')
      return { state: isStable(state, nowMs) ? { ...state, attempts: 0 } : state, order: undefined }
  }
}

/** Whether it has run long enough for its attempts to be forgotten. */
export function isStable({ phase, sinceMs }: WorkerState, nowMs: number): boolean {
  return phase === 'running' && nowMs - sinceMs >= STABLE_MS
}

/** Whether there is a process in this phase. */
function hasProcess(phase: WorkerPhase): boolean {
  return isComing(phase) || phase === 'running' || phase === 'stopping'
}

function isComing(phase: WorkerPhase): boolean {
  return phase === 'starting' || phase === 'restarting'
}

function afterCrash(state: WorkerState, { nowMs, random, canSplit }: WorkerMoment) {
  const attempts = state.attempts + 1
  if (attempts >= SPLIT_AFTER && canSplit) {
    const stopped: WorkerState = { phase: 'stopped', sinceMs: nowMs, attempts, dueMs: undefined }
    return { state: stopped, order: 'split' as const }
  }
  const isSpent = attempts >= BUDGET
  const phase: WorkerPhase = isSpent ? 'failed' : 'backoff'
  const waitMs = isSpent ? FAILED_RETRY_MS : random() * backoffMs(attempts)
  return { state: { phase, sinceMs: nowMs, attempts, dueMs: nowMs + waitMs }, order: undefined }
}

/** The longest wait before an attempt; full jitter takes any time up to it. */
function backoffMs(attempts: number): number {
  return Math.min(BACKOFF_TO_MS, BACKOFF_FROM_MS * 2 ** (attempts - 1))
}
