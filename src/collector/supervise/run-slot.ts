import type { WorkerExit } from '../worker/channel.ts'
import type { FromWorker } from '../worker/protocol.ts'
import { halve } from './shards.ts'
import { kindOf, newSlot, processesOf, type Slot } from './slot.ts'
import { promote, retire, type Supervision } from './supervision.ts'
import { followWorker, type WorkerProcess } from './worker-process.ts'
import { isStable, stepWorker, type WorkerEvent } from './worker-state.ts'

const MOST_SLOTS = 64
/** A successor that ended is not followed by another one at once, ms. */
const REPLACE_AGAIN_MS = 600_000

/** Takes an event to a slot, and does what its state then calls for. */
export function stepSlot(supervision: Supervision, slot: Slot, event: WorkerEvent): void {
  const { clock, random, hooks } = supervision.input
  const nowMs = clock.monotonicMs()
  const before = slot.state.phase
  const step = stepWorker(slot.state, event, { nowMs, random, canSplit: canBeSplit(supervision, slot) })
  slot.state = step.state
  if (isStable(slot.state, nowMs)) slot.wasStable = true
  if (slot.state.phase === 'failed' && before !== 'failed') {
    const { attempts: attempt } = slot.state
    hooks.tell({ type: 'worker_failed', worker: slot.lastWorker, attempt }, slot.feeds)
  }
  if (step.order === 'start') slot.current = startProcess(supervision, slot)
  if (step.order === 'tell')
    for (const process of processesOf(slot)) retire(supervision, process, 'collector')
  if (step.order === 'split') splitSlot(supervision, slot)
}

/**
 * Starts a process for a slot; undefined: it could not even be tried, which counts as a crash, unless another process
 * still does its work.
 */
export function startProcess(
  supervision: Supervision,
  slot: Slot,
  { isShadow = false } = {},
): WorkerProcess | undefined {
  const { input, living, paused } = supervision
  const { collectorId, bootId, landingDirectory, hooks } = input
  const worker = ++supervision.lastWorker
  if (slot.lastWorker > 0) supervision.restarts += 1
  slot.lastWorker = worker
  const feeds = slot.feeds.map(input.planOf)
  const life = new AbortController()
  try {
    const process = followWorker({
      clock: input.clock,
      link: input.fork(kindOf(slot)),
      plan: { worker, collectorId, bootId, landingDirectory, feeds, isShadow },
      kind: kindOf(slot),
      hear: (message) => hear(supervision, { slot, process, signal: life.signal }, message),
    })
    living.add(process)
    noteProcesses(supervision)
    for (const [kind, cause] of paused) process.send({ type: 'pause', kind, cause })
    hooks.tell({ type: 'worker_started', worker, attempt: slot.state.attempts }, slot.feeds)
    track(
      supervision,
      process.exited.then(async (exit) => {
        life.abort()
        await afterExit(supervision, { slot, process, exit })
        hooks.gone(worker)
      }),
    )
    return process
  } catch (error) {
    if (isShadow) return undefined
    // No more processes or descriptors: as if it had started and ended at once.
    const how = (error as Error).message
    track(
      supervision,
      Promise.resolve().then(() => afterCrash(supervision, slot, { worker, how })),
    )
    return undefined
  }
}

interface Heard {
  readonly slot: Slot
  readonly process: WorkerProcess
  readonly signal: AbortSignal
}

function hear(supervision: Supervision, { slot, process, signal }: Heard, message: FromWorker): void {
  if (message.type === 'ready' && slot.current === process) stepSlot(supervision, slot, 'ready')
  const answer: WorkerProcess['send'] = (message) => process.send(message)
  supervision.input.hooks.hear(message, { worker: process.worker, signal, answer })
}

interface Ended {
  readonly slot: Slot
  readonly process: WorkerProcess
  readonly exit: WorkerExit
}

async function afterExit(supervision: Supervision, { slot, process, exit }: Ended): Promise<void> {
  const { clock, hooks } = supervision.input
  supervision.living.delete(process)
  noteProcesses(supervision)
  if (slot.successor === process) {
    slot.successor = undefined
    slot.replaceFromMs = clock.monotonicMs() + REPLACE_AGAIN_MS
  }
  const isCurrent = slot.current === process
  if (isCurrent) promote(slot)
  const isClean = process.hasStopped() && exit.code === 0
  if (isCurrent && slot.current === undefined && !(isClean && slot.state.phase === 'stopping')) {
    return await afterCrash(supervision, slot, { worker: process.worker, how: howItEnded(exit) })
  }
  if (isClean) hooks.tell({ type: 'worker_stopped', worker: process.worker }, slot.feeds)
  else await hooks.recover(process.worker)
  if (isCurrent && slot.current === undefined) stepSlot(supervision, slot, 'exited')
}

async function afterCrash(
  supervision: Supervision,
  slot: Slot,
  { worker, how }: { readonly worker: number; readonly how: string },
): Promise<void> {
  const { hooks } = supervision.input
  const isAsked = slot.state.phase === 'stopping'
  stepSlot(supervision, slot, 'exited')
  const attempt = slot.state.attempts + 1
  if (!isAsked) hooks.tell({ type: 'worker_crashed', worker, how, attempt }, slot.feeds)
  await hooks.recover(worker)
  stepSlot(supervision, slot, 'recovered')
}

/** Two slots take the place of one, until the culprit is alone. */
function splitSlot(supervision: Supervision, slot: Slot): void {
  const { input, slots } = supervision
  const [firstFeeds, secondFeeds] = halve(slot.feeds, input.symbolsOf) ?? []
  if (!firstFeeds || !secondFeeds) return
  slots.delete(slot)
  const { attempts: attempt } = slot.state
  input.hooks.tell({ type: 'worker_split', worker: slot.lastWorker, attempt }, slot.feeds)
  const nowMs = input.clock.monotonicMs()
  const [first, second] = [newSlot(firstFeeds, nowMs), newSlot(secondFeeds, nowMs)]
  first.sibling = second
  second.sibling = first
  for (const half of [first, second]) {
    slots.add(half)
    half.lastWorker = slot.lastWorker
    half.current = startProcess(supervision, half)
  }
}

/** A half whose other half fails as well has found no culprit: the machine is to blame. */
function canBeSplit({ slots, input }: Supervision, slot: Slot): boolean {
  if (slot.sibling && !slot.sibling.wasStable) return false
  return slots.size < MOST_SLOTS && halve(slot.feeds, input.symbolsOf) !== undefined
}

function noteProcesses({ input, living }: Supervision): void {
  try {
    input.hooks.noteProcesses([...living].flatMap(({ pid }) => pid ?? []))
  } catch {
    // A full disk: the note is missed only if this process crashes as well, and workers then end by themselves.
  }
}

function track({ endings }: Supervision, work: Promise<void>): void {
  endings.add(work)
  void work.finally(() => endings.delete(work))
}

function howItEnded({ code, signal, error }: WorkerExit): string {
  return error ?? (signal === null ? `exit code ${code}` : `signal ${signal}`)
}
