import { startProcess, stepSlot } from './run-slot.ts'
import { processesOf, type Slot } from './slot.ts'
import { promote, retire, type Supervision } from './supervision.ts'
import type { WorkerProcess } from './worker-process.ts'

/** Between two replacements of one worker, ms. */
const REPLACE_AGAIN_MS = 600_000

/** Does what time calls for: kills who is silent, replaces who is large or old, starts who is due. */
export function lookAtSlot(supervision: Supervision, slot: Slot): void {
  for (const process of processesOf(slot)) {
    const verdict = process.verdict()
    if (verdict === 'silent') killSilent(supervision, slot, process)
    else if (verdict !== undefined && process === slot.current) replace(supervision, slot, verdict)
  }
  handOver(supervision, slot)
  stepSlot(supervision, slot, 'tick')
}

function killSilent({ input }: Supervision, { feeds }: Slot, process: WorkerProcess): void {
  input.hooks.tell({ type: 'worker_killed', worker: process.worker, why: 'silent' }, feeds)
  process.kill()
}

function replace(supervision: Supervision, slot: Slot, why: 'large' | 'old'): void {
  const { clock, hooks } = supervision.input
  const nowMs = clock.monotonicMs()
  if (slot.successor || slot.state.phase !== 'running' || nowMs < slot.replaceFromMs) return
  slot.replaceFromMs = nowMs + REPLACE_AGAIN_MS
  const old = slot.lastWorker
  slot.successor = startProcess(supervision, slot, { isShadow: true })
  if (!slot.successor) return
  hooks.tell({ type: 'worker_replaced', worker: old, why, by: slot.successor.worker }, slot.feeds)
}

/** The old process goes when the new one has data, or in the end as much as the old one; else the new one goes itself. */
function handOver(supervision: Supervision, slot: Slot): void {
  const { current, successor } = slot
  if (successor === undefined) return
  const isOverdue = successor.isOverdue()
  if (successor.isLive() || (isOverdue && successor.isAsLiveAs(current))) {
    promote(slot)
    if (current) retire(supervision, current, 'collector')
  } else if (isOverdue) successor.kill()
}
