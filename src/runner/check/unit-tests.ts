import { Channel, isKxError, KxError } from '../../base/index.ts'
import { type Session, SqlError } from '../../warehouse/index.ts'
import { describeFailure, type RunContext } from '../execute/index.ts'
import type { UnitTest } from '../model/index.ts'
import { type Cells, compareRows, type RowDifference } from './compare-rows.ts'
import { namedCells } from './named-cells.ts'
import { type UnitCase, type UnitProject, unitCaseOf } from './unit-case.ts'
import { type UnitSql, unitSql } from './unit-sql.ts'

/** What came of a unit test. */
export interface UnitTestEvent {
  readonly type: 'unit_test'
  readonly test: UnitTest
  /** Id of the model. */
  readonly model: string
  readonly status: 'pass' | 'fail' | 'error'
  readonly durationMs: number
  /** How the rows differ. */
  readonly difference?: RowDifference
  /** What a run would refuse though the rows are as expected. */
  readonly problem?: string
  /** Why it could not be run. */
  readonly error?: KxError
}

/** A project as one set of vars renders it. */
export type UnitVariant = UnitProject & Pick<RunContext, 'locate'>

/** A unit test that is ready, and the project it was checked against. */
export interface PlannedUnitTest {
  readonly unitCase: UnitCase
  readonly variant: UnitVariant
}

/**
 * Checks unit tests against their project, each as its vars render it.
 *
 * @throws {KxError} KX_UNIT_TEST_INVALID at the place of the first that does not fit
 */
export function planUnitTests(
  tests: readonly UnitTest[],
  variantOf: (vars: UnitTest['vars']) => UnitVariant,
): PlannedUnitTest[] {
  const variants = new Map<string, UnitVariant>()
  return tests.map((test) => {
    const key = JSON.stringify(test.vars)
    const variant = variants.get(key) ?? variantOf(test.vars)
    variants.set(key, variant)
    return { unitCase: unitCaseOf(variant, test), variant }
  })
}

/** Runs unit tests, those of one model one after the other on one connection, and yields an event for each. */
export async function* executeUnitTests(
  context: RunContext,
  planned: readonly PlannedUnitTest[],
): AsyncGenerator<UnitTestEvent> {
  const groups = [...groupByModel(planned).values()]
  const channel = new Channel<UnitTestEvent>()
  let next = 0
  const work = async () => {
    await using session = await context.warehouse.session()
    for (let group = groups[next++]; group !== undefined; group = groups[next++]) {
      for (const one of group) {
        if (context.signal.aborted) return
        channel.push(await runUnitTest(session, context, one))
      }
    }
  }
  const workers = Array.from({ length: Math.min(context.threads, groups.length) }, work)
  const all = Promise.all(workers).then(
    () => channel.close(),
    (error: unknown) => {
      next = groups.length
      channel.fail(error)
    },
  )
  yield* channel
  await all
  await Promise.allSettled(workers)
}

function groupByModel(planned: readonly PlannedUnitTest[]): Map<string, PlannedUnitTest[]> {
  const groups = new Map<string, PlannedUnitTest[]>()
  for (const one of planned) {
    const { id } = one.unitCase.model
    const known = groups.get(id)
    if (known) known.push(one)
    else groups.set(id, [one])
  }
  return groups
}

async function runUnitTest(
  session: Session,
  context: RunContext,
  { unitCase, variant }: PlannedUnitTest,
): Promise<UnitTestEvent> {
  const startedMs = context.clock.now()
  const statement = unitSql(unitCase)
  const base = { type: 'unit_test' as const, test: unitCase.test, model: unitCase.model.id }
  try {
    const { rows } = await session.queryText(statement.text, statement.values)
    const outcome = outcomeOf(unitCase, rows)
    return { ...base, durationMs: context.clock.now() - startedMs, ...outcome }
  } catch (error) {
    const told = toldBy(error, { context: { ...context, ...variant }, unitCase, statement })
    if (!isKxError(told) || told.code === 'KX_WAREHOUSE_UNREACHABLE') throw told
    return { ...base, status: 'error', durationMs: context.clock.now() - startedMs, error: told }
  }
}

function outcomeOf(
  { test, model, columns }: UnitCase,
  rows: readonly Cells[],
): Pick<UnitTestEvent, 'status' | 'difference' | 'problem'> {
  const of = (side: string) => rows.filter(([first]) => first === side).map((row) => row.slice(1))
  const types = of('type')[0] ?? []
  const plain = (cells: readonly Cells[]) =>
    cells.map((row) => row.map((cell, i) => canonical(cell, types[i])))
  const difference = compareRows({
    columns: columns.length > 0 ? columns : ['row'],
    expected: plain(of('expected')),
    actual: plain(of('actual')),
    isOrdered: test.isOrdered,
    key: model.config.uniqueKey,
  })
  if (difference !== undefined) return { status: 'fail', difference }
  const outside = Number(of('outside')[0]?.[0] ?? 0)
  const twice = Number(of('twice')[0]?.[0] ?? 0)
  if (outside > 0) return { status: 'fail', problem: `${outside} rows lie outside the hours that are built` }
  if (twice > 0) return { status: 'fail', problem: `${twice} keys of unique_key come more than once` }
  return { status: 'pass' }
}

/** Numbers that are equal are one text: `1.50` is `1.5`, `-0` is `0`. */
function canonical(cell: string | null, type: string | null | undefined): string | null {
  if (cell === null) return null
  if (type === 'numeric') return cell.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')
  return cell === '-0' && (type === 'double precision' || type === 'real') ? '0' : cell
}

/** Points into the model where Postgres did, else at the test: what it says is wrong then is what was given. */
function toldBy(
  error: unknown,
  { context, unitCase, statement }: { context: RunContext; unitCase: UnitCase; statement: UnitSql },
): unknown {
  if (!(error instanceof SqlError)) return error
  const { model, test } = unitCase
  const position = error.position === undefined ? undefined : error.position - 1
  const isInModel = position !== undefined && position >= statement.bodyAt && position < statement.bodyEnd
  if (isInModel) return describeFailure(error, { context, node: model, bodyAt: statement.bodyAt })
  const detail = error.detail === undefined ? '' : ` (${error.detail})`
  const cells = namedCells(test, error.message)
  const where = cells === undefined ? '' : `${cells}: `
  const isList = error.message.startsWith('malformed array literal')
  const hint = isList
    ? `Name the column's type in a contract of ${model.id}, or write the list as Postgres does: '{a,b}'.`
    : `Correct what is given or expected, or the SQL of ${model.id}.`
  return new KxError('KX_UNIT_TEST_INVALID', `unit test ${test.name}: ${where}${error.message}${detail}`, {
    hint: isList ? hint : (error.hint ?? hint),
    at: test.at,
    cause: error,
  })
}
