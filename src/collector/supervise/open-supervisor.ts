import { type Clock, systemClock } from '../../base/index.ts'
import type { FeedPlan } from '../feed/feed.ts'
import type { WorkerExit, WorkerLink } from '../worker/channel.ts'
import type { FromWorker } from '../worker/protocol.ts'
import { halve, type Shard, type WorkerShards } from './shards.ts'
import { kindOf, newSlot, processesOf, type Slot } from './slot.ts'
import type { Supervisor, SupervisorEvent, SupervisorHooks, WorkerView } from './supervisor.ts'
import { followWorker, type WorkerProcess } from './worker-process.ts'
import { isStable, stepWorker, type WorkerEvent } from './worker-state.ts'

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

const LOOK_EVERY_MS = 1_000
const REPLACE_AGAIN_MS = 600_000
/** A process that is told to stop is given so long, ms of the machine. */
const STOP_WITHIN_MS = 10_000
/** After a kill the kernel takes no longer than this to say so, ms of the machine. */
const KILLED_WITHIN_MS = 2_000
const MOST_SLOTS = 64

/** Starts the workers of a plan, and keeps them alive until it is stopped. */
export function openSupervisor(input: SupervisorInput): Supervisor {
  const { clock, random, hooks } = input
  const slots = new Set<Slot>()
  const paused = new Map<'candles' | 'ticks', string>()
  const living = new Set<WorkerProcess>()
  const under = new Set<Promise<void>>()
  const ending = new AbortController()
  let lastWorker = 0
  let restarts = 0
  let lookedMs = clock.monotonicMs()

  function step(slot: Slot, event: WorkerEvent): void {
    const canSplit = canBeSplit(slot)
    const { state, order } = stepWorker(slot.state, event, { nowMs: clock.monotonicMs(), random, canSplit })
    if (state.phase === 'failed' && slot.state.phase !== 'failed') tell(slot, { type: 'worker_failed' })
    slot.state = state
    if (isStable(state, clock.monotonicMs())) slot.wasStable = true
    if (order === 'start') slot.current = start(slot)
    if (order === 'tell') for (const process of processesOf(slot)) retire(process, 'stop')
    if (order === 'split') split(slot)
  }

  function start(slot: Slot, { isShadow = false } = {}): WorkerProcess | undefined {
    const worker = ++lastWorker
    if (slot.starts++ > 0) restarts += 1
    const plan = {
      worker,
      collectorId: input.collectorId,
      bootId: input.bootId,
      landingDirectory: input.landingDirectory,
      feeds: slot.feeds.map(input.planOf),
      isShadow,
    }
    const life = new AbortController()
    try {
      const process = followWorker({
        clock,
        link: input.fork(kindOf(slot)),
        plan,
        kind: kindOf(slot),
        hear: (message) => hear(slot, process, life.signal, message),
      })
      living.add(process)
      note()
      for (const [kind, cause] of paused) process.send({ type: 'pause', kind, cause })
      hooks.tell({ type: 'worker_started', worker, attempt: slot.state.attempts }, slot.feeds)
      track(process.exited.then((exit) => ended(slot, process, exit, life)))
      return process
    } catch (error) {
      // No more processes or descriptors: as if it had started and ended at once.
      track(Promise.resolve().then(() => crashed(slot, worker, (error as Error).message)))
      return undefined
    }
  }

  function note(): void {
    hooks.noteProcesses([...living].flatMap(({ pid }) => pid ?? []))
  }

  function hear(slot: Slot, process: WorkerProcess, signal: AbortSignal, message: FromWorker): void {
    if (message.type === 'ready' && slot.current === process) step(slot, 'ready')
    hooks.hear(message, { worker: process.worker, signal, answer: (answer) => process.send(answer) })
  }

  async function ended(
    slot: Slot,
    process: WorkerProcess,
    exit: WorkerExit,
    life: AbortController,
  ): Promise<void> {
    life.abort()
    living.delete(process)
    note()
    const how = exit.error ?? (exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`)
    if (slot.successor === process) {
      slot.successor = undefined
      slot.replaceFromMs = clock.monotonicMs() + REPLACE_AGAIN_MS
    }
    const isCurrent = slot.current === process
    if (isCurrent) promote(slot)
    const isClean = process.hasStopped() && exit.code === 0
    const isExpected = isClean && (!isCurrent || slot.state.phase === 'stopping')
    if (isExpected) hooks.tell({ type: 'worker_stopped', worker: process.worker }, slot.feeds)
    if (isCurrent && slot.current === undefined && !isExpected) {
      return await crashed(slot, process.worker, how)
    }
    if (isCurrent && isExpected) step(slot, 'exited')
    if (!isClean) await hooks.recover(process.worker)
  }

  async function crashed(slot: Slot, worker: number, how: string): Promise<void> {
    const isAsked = slot.state.phase === 'stopping'
    step(slot, 'exited')
    if (!isAsked) {
      hooks.tell({ type: 'worker_crashed', worker, how, attempt: slot.state.attempts + 1 }, slot.feeds)
    }
    await hooks.recover(worker)
    step(slot, 'recovered')
  }

  function look(slot: Slot): void {
    for (const process of [...processesOf(slot)]) {
      const verdict = process.verdict()
      if (verdict === 'silent') kill(slot, process)
      else if (verdict !== undefined && process === slot.current) replace(slot, process, verdict)
    }
    handOver(slot)
    step(slot, 'tick')
  }

  function kill(slot: Slot, process: WorkerProcess): void {
    hooks.tell({ type: 'worker_killed', worker: process.worker, why: 'silent' }, slot.feeds)
    process.kill()
  }

  function replace(slot: Slot, process: WorkerProcess, why: 'large' | 'old'): void {
    if (slot.successor || slot.state.phase !== 'running' || clock.monotonicMs() < slot.replaceFromMs) return
    slot.replaceFromMs = clock.monotonicMs() + REPLACE_AGAIN_MS
    slot.successor = start(slot, { isShadow: true })
    if (!slot.successor) return
    const by = slot.successor.worker
    hooks.tell({ type: 'worker_replaced', worker: process.worker, why, by }, slot.feeds)
  }

  /** The old process goes when the new one has data; a new one that gets none goes itself. */
  function handOver(slot: Slot): void {
    const { current, successor } = slot
    if (!successor) return
    if (successor.isLive()) {
      promote(slot)
      if (current) retire(current, 'replaced')
    } else if (successor.isOverdue()) successor.kill()
  }

  function promote(slot: Slot): void {
    slot.current = slot.successor
    slot.successor = undefined
    slot.current?.send({ type: 'own' })
  }

  function split(slot: Slot): void {
    const halves = halve(slot.feeds, input.symbolsOf)
    if (!halves) return
    slots.delete(slot)
    tell(slot, { type: 'worker_split' })
    const [first, second] = halves.map((feeds) => newSlot(feeds, clock.monotonicMs()))
    if (!first || !second) return
    first.sibling = second
    second.sibling = first
    for (const half of [first, second]) {
      slots.add(half)
      half.starts = 1
      half.current = start(half)
    }
  }

  /** A half whose other half fails as well has found no culprit: the machine is to blame. */
  function canBeSplit(slot: Slot): boolean {
    if (slot.sibling && !slot.sibling.wasStable) return false
    return slots.size < MOST_SLOTS && halve(slot.feeds, input.symbolsOf) !== undefined
  }

  function retire(process: WorkerProcess, cause: string): void {
    process.send({ type: 'stop', cause })
    void systemClock.sleep(STOP_WITHIN_MS, ending.signal).then((isOver) => {
      if (isOver && living.has(process)) process.kill()
    })
  }

  function tell(slot: Slot, event: { readonly type: 'worker_failed' | 'worker_split' }): void {
    const told: SupervisorEvent = { ...event, worker: lastOf(slot), attempt: slot.state.attempts }
    hooks.tell(told, slot.feeds)
  }

  function track(work: Promise<void>): void {
    under.add(work)
    void work.finally(() => under.delete(work))
  }

  async function watch(): Promise<void> {
    while (!ending.signal.aborted) {
      await clock.sleep(LOOK_EVERY_MS, ending.signal)
      lookedMs = clock.monotonicMs()
      if (!ending.signal.aborted) for (const slot of [...slots]) look(slot)
    }
  }

  for (const { feeds } of input.workers) {
    const slot = newSlot(feeds, clock.monotonicMs())
    slots.add(slot)
    slot.current = start(slot)
  }
  const watching = watch()

  return {
    workers: () => [...slots].map(viewOf),
    restarts: () => restarts,
    idleMs: () => clock.monotonicMs() - lookedMs,
    pause(kind, cause) {
      paused.set(kind, cause)
      for (const process of living) process.send({ type: 'pause', kind, cause })
    },
    resume(kind) {
      paused.delete(kind)
      for (const process of living) process.send({ type: 'resume', kind })
    },
    async stop(cause, deadlineMs) {
      ending.abort()
      await watching
      for (const slot of slots) step(slot, 'stop')
      for (const process of living) process.send({ type: 'stop', cause })
      await within(deadlineMs, () => Promise.all([...under]))
      for (const process of living) process.kill()
      await within(KILLED_WITHIN_MS, () => Promise.all([...under]))
    },
  }
}

function viewOf({ current, state, feeds }: Slot): WorkerView {
  const { phase, attempts } = state
  return { worker: current?.worker, pid: current?.pid, phase, attempts, feeds, status: current?.status() }
}

function lastOf({ current }: Slot): number {
  return current?.worker ?? 0
}

/** Waits for `work`, but no longer than `ms` of the machine. */
async function within(ms: number, work: () => Promise<unknown>): Promise<void> {
  const isDone = new AbortController()
  await Promise.race([work(), systemClock.sleep(ms, isDone.signal)])
  isDone.abort()
}
