import { KxError } from '../../base/index.ts'
import type { Assertion, Model, Seed } from '../model/index.ts'
import type { PlanModel } from '../plan/index.ts'
import {
  type Bound,
  type BulkSql,
  bulkSql,
  type CompiledSql,
  type CountedSource,
  compileSql,
  differenceSql,
  insertSql,
  lookSql,
  relationName,
  type WriteSql,
  type WriteTarget,
  type WrongRows,
} from '../sql/index.ts'
import { type RowCondition, rowConditionOf } from '../template/index.ts'
import type { RunContext } from './context.ts'

/** A model ready to be built: every statement it will send, as text. */
export interface PreparedModel {
  readonly plan: PlanModel
  readonly node: Model | Seed
  readonly target: WriteTarget
  readonly compiled: CompiledSql
  readonly look: { readonly text: string; readonly bounds: readonly Bound[] }
  readonly insert: WriteSql
  /** For several empty partitions at once. */
  readonly bulk: BulkSql | undefined
  readonly difference: WriteSql
  /** `compiled.bounds`, then the step's own start and end. */
  readonly differenceBounds: readonly Bound[]
  readonly blocking: BlockingAssertions | undefined
}

/** All blocking assertions of a model: each by itself, and as one statement that gives (`n`, `failures`). */
export interface BlockingAssertions {
  readonly assertions: readonly Assertion[]
  readonly texts: readonly CompiledSql[]
  /** Those that look at each row by itself: the count after a bulk insert asks them too. */
  readonly wrong: WrongRows | undefined
  /** The others alone. */
  readonly rest: { readonly text: string; readonly bounds: readonly Bound[] } | undefined
  readonly text: string
  readonly bounds: readonly Bound[]
}

const STEP_START: Bound = { from: 'start', offsetMs: 0, isDayAligned: false }
const STEP_END: Bound = { from: 'end', offsetMs: 0, isDayAligned: false }

/** Compiles a model's statements once; hours differ in parameters only. */
export function prepareModel(
  context: RunContext,
  plan: PlanModel,
  columns: WriteTarget['columns'],
): PreparedModel {
  const node = context.graph.nodes.get(plan.id)
  if (node?.kind !== 'model' && node?.kind !== 'seed') {
    throw new KxError('KX_REF_UNKNOWN', `${plan.id} is not a model of this project`)
  }
  const target = writeTarget(context, node, plan, columns)
  const compiled = compileNode(context, node, plan)
  const differenceBounds = [...compiled.bounds, STEP_START, STEP_END]
  const range = { start: compiled.bounds.length + 1, end: compiled.bounds.length + 2 }
  const isWritten = plan.kind !== 'view'
  const blocking = blockingOf(context, plan, target)
  return {
    plan,
    node,
    target,
    compiled,
    look: lookSql(plan, context.naming, countedSources(context, plan), isWritten ? target : undefined),
    insert: insertSql(target, compiled),
    bulk: bulkSql(target, compiled, blocking?.wrong),
    difference: differenceSql(target, compiled, range),
    differenceBounds: plan.grain === undefined ? compiled.bounds : differenceBounds,
    blocking,
  }
}

/** The SQL that gives a node's rows, inputs bound. */
export function compileNode(
  context: Pick<RunContext, 'seedSql' | 'resolve'>,
  node: Model | Seed,
  plan: PlanModel,
): CompiledSql {
  if (node.kind === 'seed') return { text: context.seedSql(node.id), bounds: [], bodyOffset: 0 }
  return compileSql(node.rendered, context.resolve, { isWhole: plan.grain === undefined })
}

function writeTarget(
  context: RunContext,
  node: Model | Seed,
  plan: PlanModel,
  columns: WriteTarget['columns'],
): WriteTarget {
  const name = relationName(node, context.naming)
  if (node.kind === 'seed') {
    return {
      name,
      columns,
      uniqueKey: [],
      timeColumn: undefined,
      grain: undefined,
      strategy: 'replace',
      updateWhen: undefined,
    }
  }
  const { uniqueKey, timeColumn, strategy, updateWhen } = node.config
  return { name, columns, uniqueKey, timeColumn, grain: plan.grain, strategy, updateWhen }
}

/** Sources that a model reads by the hour: their rows are counted against the ledger. */
function countedSources({ graph, naming }: RunContext, plan: PlanModel): CountedSource[] {
  return plan.edges.flatMap(({ from, parent }, edgeIndex) => {
    const node = graph.nodes.get(parent)
    if (from !== 'source' || node?.kind !== 'source' || plan.grain === undefined) return []
    const { timeColumn, keyOrder } = node.contract
    if (timeColumn === undefined) return []
    const isIndexed = keyOrder[0] === timeColumn
    return [{ edgeIndex, table: { name: relationName(node, naming), timeColumn, grain: 'hour', isIndexed } }]
  })
}

function blockingOf(
  context: RunContext,
  plan: PlanModel,
  target: WriteTarget,
): BlockingAssertions | undefined {
  const assertions = context.graph
    .children(plan.id)
    .map((id) => context.graph.nodes.get(id))
    .filter((node): node is Assertion => node?.kind === 'test' && node.isBlocking && node.model === plan.id)
  if (assertions.length === 0) return undefined
  const isWhole = plan.grain === undefined
  const texts = assertions.map(({ rendered }) => compileSql(rendered, context.resolve, { isWhole }))
  const all = assertions.map((_, n) => n)
  const conditions = assertions.map(({ rendered }) =>
    ownRows(context, plan, target, rowConditionOf(rendered)),
  )
  const alias = conditions.find((condition) => condition !== undefined)?.binding.name
  const rowByRow = conditions.map((c) => (c === undefined || c.binding.name !== alias ? undefined : c.sql))
  const others = all.filter((n) => rowByRow[n] === undefined)
  const condition = rowByRow.flatMap((sql) => (sql === undefined ? [] : [`(${sql}\n)`])).join(' or ')
  const statement = (numbers: readonly number[]) => {
    const bounds: Bound[] = []
    const branches = numbers.flatMap((n) => {
      const rendered = assertions[n]?.rendered
      if (rendered === undefined) return []
      const { text } = compileSql(rendered, context.resolve, { isWhole, bounds })
      return [`select ${n} as n, count(*) as failures from (\n${text}\n) as kx_failures`]
    })
    return { text: branches.join('\nunion all\n'), bounds }
  }
  return {
    assertions,
    texts,
    ...statement(all),
    wrong: alias === undefined ? undefined : { alias, condition },
    rest: others.length === 0 ? undefined : statement(others),
  }
}

/** A condition over the very rows that the step writes; one over another window or table stays by itself. */
function ownRows(
  { resolve }: RunContext,
  plan: PlanModel,
  target: WriteTarget,
  condition: RowCondition | undefined,
): RowCondition | undefined {
  const edge = condition?.binding.edge
  if (edge === undefined || edge.kind !== 'ref' || edge.parent !== plan.id || edge.window !== 'own')
    return undefined
  const relation = resolve(edge)
  const isTarget = relation.kind === 'table' && relation.name === target.name
  return isTarget && relation.timeColumn === target.timeColumn ? condition : undefined
}
