import { systemClock } from '../../base/index.ts'
import { lookAtSlot } from './look-at-slot.ts'
import { startProcess, stepSlot } from './run-slot.ts'
import { newSlot, type Slot } from './slot.ts'
import { newSupervision, type Supervision, type SupervisorInput } from './supervision.ts'
import type { Supervisor, WorkerView } from './supervisor.ts'

const LOOK_EVERY_MS = 1_000
/** After a kill the kernel takes no longer than this to say so, ms of the machine. */
const KILLED_WITHIN_MS = 2_000

/** Starts the workers of a plan, and keeps them alive until it is stopped. */
export function openSupervisor(input: SupervisorInput): Supervisor {
  const { clock } = input
  const supervision = newSupervision(input)
  const { slots, living, paused } = supervision
  for (const { feeds } of input.workers) {
    const slot = newSlot(feeds, clock.monotonicMs())
    slots.add(slot)
    slot.current = startProcess(supervision, slot)
  }
  const watching = watch(supervision)
  return {
    workers: () => [...slots].map(viewOf),
    restarts: () => supervision.restarts,
    idleMs: () => clock.monotonicMs() - supervision.lookedMs,
    pause(kind, cause) {
      paused.set(kind, cause)
      for (const process of living) process.send({ type: 'pause', kind, cause })
    },
    resume(kind) {
      paused.delete(kind)
      for (const process of living) process.send({ type: 'resume', kind })
    },
    async stop(cause, deadlineMs) {
      supervision.stopping.abort()
      await watching
      await stopAll(supervision, cause, deadlineMs)
    },
  }
}

async function watch(supervision: Supervision): Promise<void> {
  const { input, slots, stopping } = supervision
  while (await input.clock.sleep(LOOK_EVERY_MS, stopping.signal)) {
    supervision.lookedMs = input.clock.monotonicMs()
    for (const slot of [...slots]) lookAtSlot(supervision, slot)
  }
}

async function stopAll(supervision: Supervision, cause: string, deadlineMs: number): Promise<void> {
  const { slots, living, endings } = supervision
  for (const slot of slots) stepSlot(supervision, slot, 'stop')
  for (const process of living) process.send({ type: 'stop', cause })
  await within(deadlineMs, () => Promise.all([...endings]))
  for (const process of living) process.kill()
  await within(KILLED_WITHIN_MS, () => Promise.all([...endings]))
}

function viewOf({ current, state, feeds }: Slot): WorkerView {
  const { phase, attempts } = state
  return { worker: current?.worker, pid: current?.pid, phase, attempts, feeds, status: current?.status() }
}

/** Waits for `work`, but no longer than `ms` of the machine. */
async function within(ms: number, work: () => Promise<unknown>): Promise<void> {
  const isDone = new AbortController()
  await Promise.race([work(), systemClock.sleep(ms, isDone.signal)])
  isDone.abort()
}
