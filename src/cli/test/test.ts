import { availableParallelism } from 'node:os'
import { parseTimeRange } from '../../base/index.ts'
import {
  executeAssertions,
  executeUnitTests,
  type PlannedAssertion,
  type PlannedUnitTest,
} from '../../runner/check/index.ts'
import type { RunContext } from '../../runner/index.ts'
import { closeRun, openRun } from '../../warehouse/index.ts'
import { rangeBetween } from '../run/request.ts'
import { runContext } from '../run/run.ts'
import { plural } from '../shared/format.ts'
import type { Io } from '../shared/io.ts'
import { version } from '../shared/version.ts'
import { openWarehouseOf, openWorkspace, threadsOf, wholeNumber } from '../shared/workspace.ts'
import {
  planSelectedAssertions,
  planSelectedUnitTests,
  selectTests,
  type TestSelection,
} from './plan-tests.ts'
import { unitTestName } from './print-unit-test.ts'
import { openTestReport } from './test-report.ts'

/** Options of `kx test`. */
export interface TestOptions extends TestSelection {
  readonly partition?: string
  readonly from?: string
  readonly to?: string
  readonly storeFailures?: boolean
  readonly limitRows?: string
}

/** Wrong rows shown of each assertion. */
const SHOWN_ROWS = 5

/** `kx test`: runs unit tests, and assertions on the hours that moved or that are asked for. Gives the exit code. */
export async function testCommand(io: Io, options: TestOptions): Promise<number> {
  const workspace = await openWorkspace(io, options)
  const { assertions, unitTests } = selectTests(workspace, io, options)
  const planned = planSelectedUnitTests(workspace, io, { tests: unitTests, vars: options.vars })
  const range = options.partition === undefined ? undefined : parseTimeRange(options.partition)
  const within = rangeBetween(options.from, options.to)
  if (assertions.length + planned.length === 0) return 0
  const threads = threadsOf(options, availableParallelism())
  await using open = await openWarehouseOf(workspace, io, { command: 'test', threads })
  const nowMs = io.clock.now()
  const todo = await planSelectedAssertions(open, assertions, { nowMs, range, within })
  for (const line of unbuiltWarnings(todo)) io.err(`warning: ${line}`)
  const context = runContext(io, open, { options, threads, isForced: false })
  return await printTests(io, context, { options, assertions: todo, unitTests: planned })
}

interface Tests {
  readonly options: TestOptions
  readonly assertions: readonly PlannedAssertion[]
  readonly unitTests: readonly PlannedUnitTest[]
}

async function printTests(io: Io, context: RunContext, tests: Tests): Promise<number> {
  const { options, assertions, unitTests } = tests
  const startedMs = io.clock.now()
  const due = assertions.filter(({ partitions }) => partitions.length > 0)
  if (due.length + unitTests.length === 0) return nothingToTest(io, tests)
  const isStoring = options.storeFailures ?? false
  const limitRows = wholeNumber('--limit-rows', options.limitRows) ?? SHOWN_ROWS
  const report = openTestReport(io, { width: nameWidth(due, unitTests), isStoring })
  const { warehouse, runId } = context
  await openRun(warehouse, warehouse.target, { runId, command: 'test', kxVersion: version })
  for await (const event of executeUnitTests(context, unitTests)) report.add(event)
  for await (const event of executeAssertions(context, due, { limitRows, isStoring })) report.add(event)
  const isInterrupted = context.signal.aborted
  const code = report.close({ isInterrupted, durationMs: io.clock.now() - startedMs })
  const status = isInterrupted ? 'interrupted' : code === 0 ? 'done' : 'failed'
  await closeRun(warehouse, warehouse.target, { runId, status })
  return code
}

function nothingToTest(io: Io, { assertions, options }: Tests): number {
  const many = plural(assertions.length, 'assertion')
  const isUnbuilt = options.partition !== undefined || assertions.some(({ unbuilt }) => unbuilt > 0)
  if (io.logFormat === 'json')
    openTestReport(io, { width: 0, isStoring: false }).close({ isInterrupted: false, durationMs: 0 })
  else if (isUnbuilt) io.out(`nothing to test: no hour of ${many} is built there`)
  else io.out(`nothing to test: ${many} passed on every hour there is`)
  return 0
}

/** The longest name of these tests: the width of their column. */
export function nameWidth(
  assertions: readonly PlannedAssertion[],
  unitTests: readonly PlannedUnitTest[],
): number {
  return Math.max(
    0,
    ...assertions.map(({ assertion }) => assertion.name.length),
    ...unitTests.map(({ unitCase }) => unitTestName(unitCase.model.id, unitCase.test.name).length),
  )
}

/** One line for each model that lacks hours which were asked for. */
function unbuiltWarnings(planned: readonly PlannedAssertion[]): string[] {
  const unbuilt = new Map<string, number>()
  for (const { assertion, unbuilt: hours } of planned) {
    if (hours === 0) continue
    const model = assertion.model ?? assertion.parents.join(', ')
    unbuilt.set(model, Math.max(hours, unbuilt.get(model) ?? 0))
  }
  return [...unbuilt].map(
    ([model, hours]) => `${model}: ${plural(hours, 'partition')} not built, so not tested: run kx run first`,
  )
}
