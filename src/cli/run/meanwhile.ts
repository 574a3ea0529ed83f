import { type PlanRequest, planRun } from '../../runner/index.ts'
import { type AssessOptions, assessModels } from '../shared/assess-models.ts'
import { plural } from '../shared/format.ts'
import type { Io } from '../shared/io.ts'
import { eventLine } from '../shared/json-event.ts'
import type { OpenWorkspace } from '../shared/workspace.ts'

/** A shorter run looks no second time: as little happened meanwhile as will before the next one. */
const WORTH_A_LOOK_MS = 1000

/**
 * Tells, after a run that did all of its plan, how many partitions became due or stale while it ran. They are
 * left to the next run: a plan is made once.
 */
export async function tellMeanwhile(
  io: Io,
  open: OpenWorkspace,
  { request, options }: { request: PlanRequest; options: AssessOptions },
): Promise<void> {
  const nowMs = io.clock.now()
  if (nowMs - options.nowMs < WORTH_A_LOOK_MS) return
  const plan = planRun(await assessModels(open, { ...options, nowMs }), {
    ...request,
    range: undefined,
    states: undefined,
    within: request.range ?? request.within,
    isFullRefresh: false,
    isForced: false,
  })
  const partitions = plan.models
    .flatMap((model) => model.partitions)
    .filter(({ certainty, blockedBy }) => certainty === 'certain' && blockedBy === undefined).length
  if (partitions === 0) return
  if (io.logFormat === 'json') io.out(eventLine('meanwhile', { partitions }))
  else io.out(`${plural(partitions, 'partition')} became due or stale meanwhile, left to the next run`)
}
