import { Channel, type Grain, HOUR_MS, isKxError, type KxError, type TimeRange } from '../../base/index.ts'
import {
  type AssertionResult,
  type AssertionStatus,
  recordResults,
  type Session,
} from '../../warehouse/index.ts'
import { describeFailure, KEPT_ROWS, keepFailures, type RunContext, remedyFor } from '../execute/index.ts'
import type { Assertion } from '../model/index.ts'
import { type CompiledSql, compileSql } from '../sql/index.ts'
import type { PlannedAssertion, TestedPartition } from './assertion-plan.ts'
import { countSql, hourValues, wrongRowsJsonSql, wrongRowsSql } from './assertion-sql.ts'

/** Rows as text, with their columns' names. */
interface TextRows {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** What came of one assertion, over all its partitions. */
export interface AssertionEvent {
  readonly type: 'assertion'
  readonly assertion: Assertion
  readonly status: AssertionStatus
  /** Partitions tested. */
  readonly partitions: number
  readonly grain: Grain | undefined
  /** From the first to the last of them; NaN for what has no partitions. */
  readonly startMs: number
  readonly endMs: number
  /** Wrong rows. */
  readonly failures: number
  /** Partitions that have some, or all of them if the assertion could not be run. */
  readonly failedIn: readonly TimeRange[]
  readonly durationMs: number
  /** The first wrong rows. */
  readonly sample?: TextRows
  /** Why it could not be run. */
  readonly error?: KxError
}

export interface AssertionOptions {
  /** Wrong rows to show of each assertion. */
  readonly limitRows: number
  /** Copy wrong rows to kx_audit. */
  readonly isStoring: boolean
}

/** Partitions asked in one statement: a week of hours. */
const BATCH = 168
/** How often a statement is tried when the server, not the assertion, was the reason. */
const TRIES = 3

/**
 * Runs assertions side by side on the run's threads, writes down what came of them, and yields one event for each.
 *
 * @throws {KxError} KX_WAREHOUSE_UNREACHABLE if the connection is lost for good
 */
export async function* executeAssertions(
  context: RunContext,
  planned: readonly PlannedAssertion[],
  options: AssertionOptions,
): AsyncGenerator<AssertionEvent> {
  const todo = planned.filter(({ partitions }) => partitions.length > 0)
  const channel = new Channel<AssertionEvent>()
  let next = 0
  const work = async () => {
    for (let one = todo[next++]; one !== undefined && !context.signal.aborted; one = todo[next++]) {
      const event = await testOne(context, one, options)
      // An assertion that was interrupted has not passed.
      if (!context.signal.aborted) channel.push(event)
    }
  }
  const workers = Array.from({ length: Math.min(context.threads, todo.length) }, work)
  const all = Promise.all(workers).then(
    () => channel.close(),
    (error: unknown) => {
      next = todo.length
      channel.fail(error)
    },
  )
  yield* channel
  await all
  await Promise.allSettled(workers)
}

async function testOne(
  context: RunContext,
  planned: PlannedAssertion,
  options: AssertionOptions,
): Promise<AssertionEvent> {
  const startedMs = context.clock.now()
  for (let attempt = 1; ; attempt++) {
    try {
      await using session = await context.warehouse.session()
      return await testOn(session, context, { ...planned, ...options, startedMs })
    } catch (error) {
      if (remedyFor(error) !== 'again') {
        if (!isKxError(error)) throw error
        return await recordError(context, planned, { error, startedMs })
      }
      if (attempt === TRIES || context.signal.aborted) throw error
      await context.clock.sleep(50 * 4 ** attempt, context.signal)
    }
  }
}

interface Testing extends PlannedAssertion, AssertionOptions {
  readonly startedMs: number
}

async function testOn(session: Session, context: RunContext, testing: Testing): Promise<AssertionEvent> {
  const { assertion, plan, partitions, limitRows } = testing
  const compiled = compileSql(assertion.rendered, context.resolve, { isWhole: plan.grain === undefined })
  const ask = statementsOf(session, context, { assertion, compiled })
  const failuresByStart = await ask.count(partitions)
  const failedIn = partitions.filter(({ startMs }) => failuresByStart.has(startMs))
  const failures = [...failuresByStart.values()].reduce((sum, n) => sum + n, 0)
  const bad: AssertionStatus = assertion.severity === 'warn' ? 'warn' : 'fail'
  await record(context, testing, (startMs) => ({
    status: failuresByStart.has(startMs) ? bad : 'pass',
    failures: failuresByStart.get(startMs) ?? 0,
  }))
  const event: AssertionEvent = {
    ...eventOf(context, testing),
    status: failures === 0 ? 'pass' : bad,
    failures,
    failedIn: failedIn.map(({ startMs, endMs }) => ({ startMs, endMs })),
  }
  if (failures === 0) return event
  if (testing.isStoring) {
    const rows = await ask.wrongJson(failedIn.slice(0, KEPT_ROWS))
    const range = { startMs: failedIn[0]?.startMs ?? Number.NaN, endMs: failedIn.at(-1)?.endMs ?? Number.NaN }
    await keepFailures(context, assertion, { range, rows })
  }
  if (limitRows === 0) return event
  // Each of these has a wrong row at least: no more of them are needed.
  return { ...event, sample: await ask.wrong(failedIn.slice(0, limitRows), limitRows) }
}

function statementsOf(
  session: Session,
  context: RunContext,
  { assertion, compiled }: { assertion: Assertion; compiled: CompiledSql },
) {
  const told = async <Result>(bodyAt: number, act: () => Promise<Result>): Promise<Result> => {
    try {
      return await act()
    } catch (error) {
      throw describeFailure(error, { context, node: assertion, bodyAt, compiled })
    }
  }
  const valuesOf = (partitions: readonly TimeRange[]) => hourValues(compiled, partitions.map(someHour))
  return {
    /** Wrong rows by the start of each partition that has some. */
    async count(partitions: readonly TestedPartition[]): Promise<Map<number, number>> {
      const { text, bodyAt } = countSql(compiled)
      const failures = new Map<number, number>()
      for (let at = 0; at < partitions.length && !context.signal.aborted; at += BATCH) {
        const batch = partitions.slice(at, at + BATCH)
        const { rows } = await told(bodyAt, () =>
          session.query<{ n: number; failures: number }>(text, valuesOf(batch)),
        )
        for (const row of rows) failures.set(batch[row.n]?.startMs ?? Number.NaN, row.failures)
      }
      return failures
    },
    wrong(partitions: readonly TimeRange[], limit: number): Promise<TextRows> {
      const { text, bodyAt } = wrongRowsSql(compiled, limit)
      return told(bodyAt, () => session.queryText(text, valuesOf(partitions)))
    },
    async wrongJson(partitions: readonly TimeRange[]): Promise<string[]> {
      const { text, bodyAt } = wrongRowsJsonSql(compiled, KEPT_ROWS)
      const { rows } = await told(bodyAt, () => session.query<{ row: string }>(text, valuesOf(partitions)))
      return rows.map(({ row }) => row)
    },
  }
}

/** What has no partitions has no bounds either; any hour will do. */
function someHour({ startMs, endMs }: TimeRange): TimeRange {
  return Number.isNaN(startMs) ? { startMs: 0, endMs: HOUR_MS } : { startMs, endMs }
}

async function record(
  context: RunContext,
  { assertion, plan, partitions }: PlannedAssertion,
  resultOf: (startMs: number) => Pick<AssertionResult, 'status' | 'failures'>,
): Promise<void> {
  if (context.signal.aborted) return
  const { warehouse, runId } = context
  const results = partitions.map(({ startMs, inputs }) => ({ startMs, inputs, ...resultOf(startMs) }))
  const { codeHash } = plan
  await recordResults(warehouse, warehouse.target, { assertion: assertion.id, runId, codeHash, results })
}

async function recordError(
  context: RunContext,
  planned: PlannedAssertion,
  { error, startedMs }: { error: KxError; startedMs: number },
): Promise<AssertionEvent> {
  await record(context, planned, () => ({ status: 'error', failures: 0 }))
  const failedIn = planned.partitions.map(({ startMs, endMs }) => ({ startMs, endMs }))
  return { ...eventOf(context, { ...planned, startedMs }), status: 'error', failures: 0, failedIn, error }
}

function eventOf(
  context: RunContext,
  { assertion, plan, partitions, startedMs }: PlannedAssertion & { startedMs: number },
): Omit<AssertionEvent, 'status' | 'failures' | 'failedIn'> {
  return {
    type: 'assertion',
    assertion,
    partitions: partitions.length,
    grain: plan.grain,
    startMs: partitions[0]?.startMs ?? Number.NaN,
    endMs: partitions.at(-1)?.endMs ?? Number.NaN,
    durationMs: context.clock.now() - startedMs,
  }
}
