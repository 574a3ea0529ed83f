import { isKxError, type KxError, type TimeRange } from '../../base/index.ts'
import type { Session } from '../../warehouse/index.ts'
import { describeFailure, neighbourRuns, type RunContext } from '../execute/index.ts'
import type { Model } from '../model/index.ts'
import type { PlanModel } from '../plan/index.ts'
import { boundValues, type CompiledSql, compileSql, type Relation, type Resolve } from '../sql/index.ts'
import { hourValues, rowsByHourSql } from './assertion-sql.ts'
import { compareStreams, isDifferent, type StreamDifference } from './compare-streams.ts'
import { keyFirst, orderedRows } from './ordered-rows.ts'

/** A model and the partitions to build twice, oldest first. */
export interface VerifiedModel {
  readonly plan: PlanModel
  readonly node: Model
  readonly partitions: readonly TimeRange[]
}

/** What came of building some partitions of a model twice. */
export interface VerifyEvent {
  readonly type: 'verify'
  readonly model: string
  /** `again`: the same hours once more. `batched`: hour by hour against all at once. */
  readonly way: 'again' | 'batched'
  readonly status: 'same' | 'different' | 'error'
  /** NaN for what is built once. */
  readonly startMs: number
  readonly endMs: number
  readonly partitions: number
  readonly durationMs: number
  readonly columns: readonly string[]
  readonly difference?: StreamDifference
  readonly error?: KxError
}

/**
 * Builds partitions twice in transactions that are rolled back, and compares: the second time a moment later and
 * with every input in another order, so that now(), random(), unsettled ties and sums that depend on the order
 * come out; then hour by hour against batched.
 */
export async function* executeVerify(
  context: RunContext,
  models: readonly VerifiedModel[],
  { limitRows }: { limitRows: number },
): AsyncGenerator<VerifyEvent> {
  for (const { plan, node, partitions } of models) {
    for (const run of neighbourRuns(partitions)) {
      for (const batch of chunks(run, Math.max(plan.batch, HOURS_TOGETHER))) {
        if (context.signal.aborted) return
        yield* verifyBatch({ context, plan, node, batch, limitRows })
      }
    }
  }
}

/** Partitions compared at a time where nothing asks for more. */
const HOURS_TOGETHER = 24

function chunks<Value>(values: readonly Value[], size: number): readonly Value[][] {
  const count = Math.ceil(values.length / size)
  return Array.from({ length: count }, (_, i) => values.slice(i * size, (i + 1) * size))
}

async function* verifyBatch(verifying: Verifying): AsyncGenerator<VerifyEvent> {
  const again = await compareWays(verifying, 'again')
  yield again
  const { plan, batch } = verifying
  if (again.status !== 'same' || plan.batch === 1) return
  for (const together of chunks(batch, plan.batch)) {
    if (together.length > 1) yield await compareWays({ ...verifying, batch: together }, 'batched')
  }
}

interface Verifying {
  readonly context: RunContext
  readonly plan: PlanModel
  readonly node: Model
  readonly batch: readonly TimeRange[]
  readonly limitRows: number
}

async function compareWays(verifying: Verifying, way: VerifyEvent['way']): Promise<VerifyEvent> {
  const { context, plan, node, batch, limitRows } = verifying
  const startedMs = context.clock.now()
  const isWhole = plan.grain === undefined
  const compiled = compileSql(node.rendered, context.resolve, { isWhole })
  const event = (rest: Pick<VerifyEvent, 'status' | 'columns'> & Partial<VerifyEvent>): VerifyEvent => ({
    type: 'verify',
    model: plan.id,
    way,
    startMs: batch[0]?.startMs ?? Number.NaN,
    endMs: batch.at(-1)?.endMs ?? Number.NaN,
    partitions: batch.length,
    durationMs: context.clock.now() - startedMs,
    ...rest,
  })
  await using first = await context.warehouse.session()
  await using second = await context.warehouse.session()
  try {
    await shareSnapshot(first, second)
    const columns = keyFirst(await columnsOf(first, compiled), node.config.uniqueKey)
    const keyLength = node.config.uniqueKey.length || columns.length
    const other =
      way === 'batched'
        ? allAtOnce(compiled, batch)
        : hourByHour(compileSql(node.rendered, shuffled(context.resolve), { isWhole }), batch)
    const difference = await compareStreams(
      orderedRows(first, { ...hourByHour(compiled, batch), columns, keyLength }),
      orderedRows(second, { ...other, columns, keyLength }),
      { columns, keyLength, limit: limitRows },
    )
    return event({ status: isDifferent(difference) ? 'different' : 'same', columns, difference })
  } catch (error) {
    const told = describeFailure(error, { context, node, bodyAt: undefined })
    if (!isKxError(told) || told.code === 'KX_WAREHOUSE_UNREACHABLE') throw told
    return event({ status: 'error', columns: [], error: told })
  } finally {
    await first.query('rollback').catch(() => undefined)
    await second.query('rollback').catch(() => undefined)
  }
}

/** Two transactions that see the same rows at different times of day. */
async function shareSnapshot(first: Session, second: Session): Promise<void> {
  await first.query('begin isolation level repeatable read read only')
  const { rows } = await first.query<{ snapshot: string }>('select pg_export_snapshot() as snapshot')
  await second.query('begin isolation level repeatable read read only')
  await second.query(`set transaction snapshot '${rows[0]?.snapshot ?? ''}'`)
}

async function columnsOf(session: Session, compiled: CompiledSql): Promise<string[]> {
  const values = boundValues(compiled.bounds, SOME_HOUR)
  const { columns } = await session.queryText(
    `select * from (\n${compiled.text}\n) as kx_rows limit 0`,
    values,
  )
  return columns
}

const SOME_HOUR: TimeRange = { startMs: 0, endMs: 3_600_000 }

function hourByHour(compiled: CompiledSql, batch: readonly TimeRange[]) {
  return { sql: rowsByHourSql(compiled), values: hourValues(compiled, batch.map(someHour)) }
}

function allAtOnce(compiled: CompiledSql, batch: readonly TimeRange[]) {
  const range = { startMs: batch[0]?.startMs ?? 0, endMs: batch.at(-1)?.endMs ?? 0 }
  return { sql: compiled.text, values: boundValues(compiled.bounds, range) }
}

function someHour(range: TimeRange): TimeRange {
  return Number.isNaN(range.startMs) ? SOME_HOUR : range
}

/** The same rows in an order that has nothing to do with how they lie or came. */
function shuffled(resolve: Resolve): Resolve {
  return (edge) => {
    const relation: Relation = resolve(edge)
    if (relation.kind !== 'table' && relation.kind !== 'valid') return relation
    const name = `(
    select * from ${relation.name} as kx_row order by hashtextextended(kx_row::text, 1)
) as kx_shuffled`
    return { ...relation, name }
  }
}
