import { Channel } from '../../base/index.ts'
import type { Plan, PlanModel, Step } from '../plan/index.ts'
import { stepsOf } from '../plan/index.ts'
import type { RunContext } from './context.ts'
import type { RunEvent } from './events.ts'
import { type HeldSession, holdSession } from './held-session.ts'
import { type PreparedModel, prepareModel } from './prepare.ts'
import { type ColumnsByModel, ensureRelations, type WantedRelation } from './relations.ts'
import { openSchedule, type ReadyStep, type Schedule } from './schedule.ts'
import { eventOf, runStep } from './step.ts'

/** How long to leave partitions alone that another process is building, ms. */
const CLAIMED_WAIT_MS = 50

/**
 * Runs a plan, yielding one event per step as it ends.
 *
 * A model's own failure is an event, not an exception, and blocks only what needs it.
 *
 * @throws {KxError} KX_WAREHOUSE_UNREACHABLE if the connection is lost for good; hours already done stay done.
 */
export async function* executePlan(context: RunContext, plan: Plan): AsyncGenerator<RunEvent> {
  const steps = stepsOf(plan)
  const relations = ensureRelations(context, wantedRelations(context, plan))
  const broken = new Set<string>()
  let columns: ColumnsByModel
  for (;;) {
    const { value, done } = await relations.next()
    if (done) {
      columns = value
      break
    }
    if (value.action === 'failed') broken.add(value.model)
    yield value
  }
  yield* runSteps(context, { steps, columns, broken })
}

/** The models that will be built, and those they read: without hours yet they are empty, but there. */
function wantedRelations({ graph }: RunContext, plan: Plan): WantedRelation[] {
  const built = plan.models.filter(({ partitions }) => partitions.some((p) => p.blockedBy === undefined))
  const ids = new Set(built.map(({ model }) => model.id))
  const read = graph.ancestors(ids)
  return plan.models
    .filter(({ model }) => ids.has(model.id) || read.has(model.id))
    .map(({ model }) => ({ plan: model, isBuilt: ids.has(model.id) }))
}

interface Running {
  readonly context: RunContext
  readonly schedule: Schedule
  readonly channel: Channel<RunEvent>
  readonly prepared: (model: PlanModel) => PreparedModel
  /** Models that cannot work at all: no further step of theirs is tried. */
  readonly broken: Set<string>
  steps: number
  isStopping: boolean
}

async function* runSteps(
  context: RunContext,
  { steps, columns, broken }: { steps: readonly Step[]; columns: ColumnsByModel; broken: Set<string> },
): AsyncGenerator<RunEvent> {
  const preparedById = new Map<string, PreparedModel>()
  const prepared = (model: PlanModel) => {
    const known = preparedById.get(model.id) ?? prepareModel(context, model, columns.get(model.id) ?? [])
    preparedById.set(model.id, known)
    return known
  }
  const channel = new Channel<RunEvent>()
  const running: Running = {
    context,
    schedule: openSchedule(steps),
    channel,
    prepared,
    broken,
    steps: 0,
    isStopping: false,
  }
  const workers = Array.from({ length: Math.min(context.threads, steps.length) }, () => work(running))
  const all = Promise.all(workers).then(
    () => channel.close(),
    (error: unknown) => {
      running.isStopping = true
      channel.fail(error)
    },
  )
  yield* channel
  await all
  await Promise.allSettled(workers)
}

async function work(running: Running): Promise<void> {
  const { context, schedule } = running
  await using held = holdSession(context.warehouse)
  while (schedule.open > 0 && !running.isStopping && !context.signal.aborted) {
    const ready = schedule.next()
    if (ready === undefined || ready.priority === Number.NEGATIVE_INFINITY) {
      if (!(await context.clock.sleep(ready === undefined ? 2 : CLAIMED_WAIT_MS, context.signal))) {
        if (ready !== undefined) schedule.putBack(ready)
        return
      }
    }
    if (ready !== undefined) await takeStepUnlessInterrupted(running, held, ready)
  }
}

/** A step that an interruption rolled back is left to the next run. */
async function takeStepUnlessInterrupted(
  running: Running,
  held: HeldSession,
  ready: ReadyStep,
): Promise<void> {
  try {
    await takeStep(running, held, ready)
  } catch (error) {
    if (!running.context.signal.aborted) throw error
  }
}

async function takeStep(running: Running, held: HeldSession, ready: ReadyStep): Promise<void> {
  const { context, schedule, channel, broken } = running
  const { step } = ready
  const { free, blocked } = schedule.sortOut(step, ready.partitions)
  schedule.lose(step, startsOf(blocked.map(({ partition }) => partition)))
  for (const { by, partitions } of groupBy(blocked))
    channel.push({ ...eventOf(step, partitions, 'blocked'), by })
  const by = brokenBy(running, step)
  if (by !== undefined && free.length > 0) {
    schedule.lose(step, startsOf(free))
    channel.push({ ...eventOf(step, free, 'blocked'), by })
    return schedule.end(step)
  }
  if (free.length === 0) return schedule.end(step)
  if (running.steps >= context.limit) {
    running.isStopping = true
    return
  }
  running.steps++
  const begun = eventOf(step, free, 'current')
  channel.push({ type: 'started', model: begun.model, startMs: begun.startMs, endMs: begun.endMs })
  const result = await runStep(context, held, {
    prepared: running.prepared(step.model),
    step,
    partitions: free,
  })
  for (const event of result.events) channel.push(event)
  if (result.isModelBroken) broken.add(step.model.id)
  if (result.failedStartsMs.length > 0 && context.isFailFast) running.isStopping = true
  schedule.lose(step, result.failedStartsMs)
  if (result.events.length === 0) running.steps--
  if (result.claimedElsewhere.length === 0) return schedule.end(step)
  const { startMs, endMs } = eventOf(step, result.claimedElsewhere, 'current')
  const isFirstTime = ready.priority !== Number.NEGATIVE_INFINITY
  if (isFirstTime) channel.push({ type: 'claimed', model: step.model.id, startMs, endMs })
  schedule.putBack({ ...ready, partitions: result.claimedElsewhere })
}

/** The model that cannot work at all and takes `step` down: itself or, for a table, anything upstream. */
function brokenBy({ broken, context }: Running, { model }: Step): string | undefined {
  if (broken.has(model.id)) return model.id
  if (model.kind !== 'table' || broken.size === 0) return undefined
  const upstream = context.graph.ancestors([model.id])
  return [...broken].find((id) => upstream.has(id))
}

function startsOf(partitions: readonly { readonly startMs: number }[]): number[] {
  return partitions.map(({ startMs }) => startMs)
}

function groupBy(blocked: readonly { partition: Step['partitions'][number]; by: string }[]) {
  const groups = new Map<string, Step['partitions'][number][]>()
  for (const { partition, by } of blocked) {
    const known = groups.get(by)
    if (known) known.push(partition)
    else groups.set(by, [partition])
  }
  return [...groups].map(([by, partitions]) => ({ by, partitions }))
}
