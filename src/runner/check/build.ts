import type { TimeRange } from '../../base/index.ts'
import { executePlan, type RunContext, type RunEvent, type StepEvent } from '../execute/index.ts'
import type { Assertion } from '../model/index.ts'
import type { Plan, PlannedModel, PlannedPartition } from '../plan/index.ts'
import type { PlannedAssertion } from './assertion-plan.ts'
import { type AssertionEvent, type AssertionOptions, executeAssertions } from './assertions.ts'
import { type Lost, nothingLost } from './lost.ts'
import { executeUnitTests, type PlannedUnitTest, type UnitTestEvent } from './unit-tests.ts'

export type BuildEvent = RunEvent | AssertionEvent | UnitTestEvent

/** What a build is made of. */
export interface BuildInput extends AssertionOptions {
  readonly plan: Plan
  readonly unitTests: readonly PlannedUnitTest[]
  /** Those that do not block inside a step. */
  readonly assertions: readonly Assertion[]
  /** Which hours of some assertions to test, by what the ledger says now. */
  readonly planNow: (assertions: readonly Assertion[]) => Promise<readonly PlannedAssertion[]>
}

interface Building extends BuildInput {
  readonly context: RunContext
  readonly lost: Lost
  /** How many planned models lie above each planned model, itself included. */
  readonly depths: ReadonlyMap<string, number>
  hasFailed: boolean
}

/**
 * Builds models and runs their tests in graph order: unit tests, then layer by layer the models and the assertions
 * on what they now hold. What failed, in a step or in a test, blocks the hours below it.
 */
export async function* executeBuild(context: RunContext, input: BuildInput): AsyncGenerator<BuildEvent> {
  const { plan, unitTests } = input
  const depths = depthsOf(plan)
  const building: Building = { ...input, context, lost: nothingLost(), depths, hasFailed: false }
  for await (const event of executeUnitTests(context, unitTests)) {
    yield event
    if (event.status === 'pass') continue
    building.hasFailed = true
    building.lost.add(event.model, [EVERYTHING])
  }
  const last = Math.max(0, ...depths.values())
  for (let depth = 0; depth <= last && !isOver(building); depth++) {
    yield* buildLayer(building, depth)
    if (!isOver(building)) yield* testLayer(building, depth)
  }
}

const EVERYTHING: TimeRange = { startMs: Number.NaN, endMs: Number.NaN }

function isOver({ context, hasFailed }: Building): boolean {
  return context.signal.aborted || (context.isFailFast && hasFailed)
}

function depthsOf({ models }: Plan): Map<string, number> {
  const depths = new Map<string, number>()
  for (const { model } of models) {
    const above = model.edges
      .filter(({ from }) => from !== 'previous')
      .map(({ parent }) => depths.get(parent) ?? 0)
    depths.set(model.id, Math.max(0, ...above) + 1)
  }
  return depths
}

async function* buildLayer(building: Building, depth: number): AsyncGenerator<RunEvent> {
  const { context, plan, lost, depths } = building
  const models = plan.models
    .filter(({ model }) => depths.get(model.id) === depth)
    .map((planned) => withoutLost(planned, lost))
  if (models.length === 0) return
  const steps: StepEvent[] = []
  for await (const event of executePlan(context, { ...plan, models })) {
    yield event
    if (event.type === 'step') steps.push(event)
  }
  for (const { model, partitions } of models) {
    const ranges = lostRanges(
      partitions,
      steps.filter((event) => event.model === model.id),
    )
    lost.add(model.id, ranges)
    if (ranges.length > 0) building.hasFailed = true
  }
}

function withoutLost(planned: PlannedModel, lost: Lost): PlannedModel {
  const partitions = planned.partitions.map((partition) => {
    const blockedBy = partition.blockedBy ?? lost.blocks(planned.model, partition)
    return blockedBy === partition.blockedBy ? partition : { ...partition, blockedBy }
  })
  return { ...planned, partitions }
}

/** Partitions that an event calls failed or blocked, and none calls done. */
function lostRanges(
  partitions: readonly PlannedPartition[],
  events: readonly StepEvent[],
): readonly TimeRange[] {
  const isBad = ({ status }: StepEvent) => status === 'failed' || status === 'blocked'
  const bad = events.filter(isBad)
  const good = events.filter((event) => !isBad(event))
  if (bad.length === 0) return []
  return partitions.filter(
    (partition) =>
      bad.some((event) => isPartOf(partition, event)) && !good.some((event) => isPartOf(partition, event)),
  )
}

function isPartOf({ startMs }: PlannedPartition, event: StepEvent): boolean {
  return Number.isNaN(event.startMs) || (startMs >= event.startMs && startMs < event.endMs)
}

async function* testLayer(building: Building, depth: number): AsyncGenerator<AssertionEvent> {
  const { context, assertions, depths, lost, limitRows, isStoring } = building
  const due = assertions.filter(({ id }) => {
    const above = [...context.graph.ancestors([id])].map((parent) => depths.get(parent) ?? 0)
    return Math.max(0, ...above) === depth
  })
  if (due.length === 0) return
  const planned = await building.planNow(due)
  for await (const event of executeAssertions(context, planned, { limitRows, isStoring })) {
    yield event
    if (event.status !== 'fail' && event.status !== 'error') continue
    building.hasFailed = true
    const { model, parents } = event.assertion
    for (const id of model === undefined ? parents : [model]) lost.add(id, event.failedIn)
  }
}
