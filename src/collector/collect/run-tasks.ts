import type { WorkerShards } from '../supervise/shards.ts'
import { diskTask } from './disk-task.ts'
import { keepRunning } from './keep-running.ts'
import type { Collector } from './open-collector.ts'
import { writePlan } from './plan-workers.ts'
import { recoverParts } from './recover-parts.ts'
import { repairTask } from './repair-task.ts'
import { symbolsTask } from './symbols-task.ts'
import type { TaskInput } from './task-input.ts'

const PLAN_EVERY_MS = 600_000

/** Runs everything that goes on beside the workers, until `signal` aborts. Never rejects. */
export async function runTasks(tasks: TaskInput): Promise<void> {
  const { input, base, signal } = tasks
  const { clock } = input
  const run = (name: string, task: () => Promise<void>) =>
    keepRunning({ name, clock, log: base.log, signal, run: task })
  await Promise.all([
    run('catch_up', () => catchUp(tasks)),
    run('plan', () => keepPlan(tasks)),
    run('repair', () => repairTask(tasks)),
    run('disk', () => diskTask(tasks)),
    run('symbols', () => symbolsTask(tasks)),
  ])
}

/** First what earlier collectors left unsealed, then everything that is not loaded or uploaded. */
async function catchUp({ input, base, collector, signal }: TaskInput): Promise<void> {
  const { landingDirectory, clock } = input
  const recovery = { landingDirectory, clock, log: base.log, onSynced: collector.onSynced }
  await recoverParts(recovery, collector.isOurs)
  await base.readers.catchUp(signal)
}

/** Writes the plan at the start, every ten minutes and at the end, with what was measured. */
async function keepPlan({ input, collector, signal }: TaskInput): Promise<void> {
  const { clock, stateDirectory, feeds } = input
  const created = new Date(clock.now()).toISOString()
  const { meter } = collector.observer
  const write = () => writePlan(stateDirectory, { created, workers: shardsOf(collector), feeds, meter })
  do await write()
  while (await clock.sleep(PLAN_EVERY_MS, signal))
  await write()
}

/** Who collects what now: workers that were split are two. */
function shardsOf({ supervisor }: Collector): WorkerShards[] {
  return supervisor.workers().map(({ feeds }, i) => ({
    worker: i + 1,
    feeds,
    score: feeds.reduce((sum, { score }) => sum + score, 0),
  }))
}
