import { availableParallelism } from 'node:os'
import { type BuildInput, executeBuild } from '../../runner/check/index.ts'
import { type Plan, planRun, type RunContext } from '../../runner/index.ts'
import { closeRun, openRun } from '../../warehouse/index.ts'
import { deferralOf } from '../run/deferral.ts'
import { checkProtected, requestOf } from '../run/request.ts'
import { type RunOptions, renameFirst, runContext } from '../run/run.ts'
import { openReport } from '../run/run-report.ts'
import { heldPartitions, warnings } from '../run/warnings.ts'
import { assessModels } from '../shared/assess-models.ts'
import type { Io } from '../shared/io.ts'
import { refuseShrunkSources } from '../shared/source-check.ts'
import { version } from '../shared/version.ts'
import { openWarehouseOf, openWorkspace, selectModels, threadsOf, wholeNumber } from '../shared/workspace.ts'
import { planSelectedAssertions, planSelectedUnitTests, selectTests } from '../test/plan-tests.ts'
import { unitTestName } from '../test/print-unit-test.ts'
import { openTestReport } from '../test/test-report.ts'

/** Options of `kx build`. */
export interface BuildOptions extends RunOptions {
  readonly storeFailures?: boolean
  readonly limitRows?: string
}

/** `kx build`: models and tests in graph order. Gives the exit code. */
export async function buildCommand(io: Io, options: BuildOptions): Promise<number> {
  const workspace = await openWorkspace(io, options)
  const selected = selectModels(workspace, io, options)
  // What matches nothing was said once.
  const tests = selectTests(workspace, { ...io, err: () => undefined }, { ...options, strict: false })
  const unitTests = planSelectedUnitTests(workspace, io, { tests: tests.unitTests, vars: options.vars })
  const request = requestOf(options, selected)
  checkProtected(workspace.graph, selected, request)
  const assertions = tests.assertions.filter(({ isBlocking }) => !isBlocking)
  if (selected.size + assertions.length + unitTests.length === 0) return 0
  const threads = threadsOf(options, availableParallelism())
  await using open = await openWarehouseOf(workspace, io, { command: 'build', threads })
  await refuseShrunkSources(open, selected)
  const nowMs = io.clock.now()
  const allowPartial = options.allowPartial ?? false
  const maxBatch = wholeNumber('--batch', options.batch)
  await renameFirst(io, open, selected)
  const deferred = await deferralOf(open, { defer: options.defer, selected })
  const assessed = await assessModels(open, { selected, nowMs, allowPartial, maxBatch, deferred })
  const plan = planRun(assessed, request)
  for (const line of warnings(open, assessed, plan, nowMs)) io.err(`warning: ${line}`)
  const hours = { nowMs, range: request.range, within: request.within }
  const context = runContext(io, open, { options, threads, isForced: request.isForced, deferred })
  return await printBuild(io, context, {
    plan,
    unitTests,
    assertions,
    limitRows: wholeNumber('--limit-rows', options.limitRows) ?? 5,
    isStoring: options.storeFailures ?? false,
    planNow: (due) => planSelectedAssertions(open, due, hours),
  })
}

async function printBuild(io: Io, context: RunContext, input: BuildInput): Promise<number> {
  const startedMs = io.clock.now()
  const { warehouse, runId } = context
  const planned = input.plan.models.reduce((sum, { partitions }) => sum + partitions.length, 0)
  const held = heldPartitions(input.plan)
  const report = openReport(io, { planned, width: modelWidth(input.plan), held })
  const tests = openTestReport(io, { width: testWidth(input), isStoring: input.isStoring })
  await openRun(warehouse, warehouse.target, { runId, command: 'build', kxVersion: version })
  let ended = 0
  for await (const event of executeBuild(context, input)) {
    if (event.type === 'assertion' || event.type === 'unit_test') tests.add(event)
    else report.add(event)
    if (event.type === 'step') ended += event.partitions
  }
  const outcome = { isInterrupted: context.signal.aborted, durationMs: io.clock.now() - startedMs }
  const testCode = tests.close(outcome)
  const buildCode = Math.max(testCode, report.close({ ...outcome, left: planned - ended }))
  const code = buildCode || (held > 0 ? 2 : 0)
  const status = outcome.isInterrupted ? 'interrupted' : code === 0 ? 'done' : 'failed'
  await closeRun(warehouse, warehouse.target, { runId, status })
  return code
}

function modelWidth({ models }: Plan): number {
  return Math.max(0, ...models.map(({ model }) => model.id.length))
}

function testWidth({ assertions, unitTests }: BuildInput): number {
  return Math.max(
    0,
    ...assertions.map(({ name }) => name.length),
    ...unitTests.map(({ unitCase }) => unitTestName(unitCase.model.id, unitCase.test.name).length),
  )
}
