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
} from '../sql/index.ts'
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
  return {
    plan,
    node,
    target,
    compiled,
    look: lookSql(plan, context.naming, countedSources(context, plan), isWritten ? target : undefined),
    insert: insertSql(target, compiled),
    bulk: bulkSql(target, compiled),
    difference: differenceSql(target, compiled, range),
    differenceBounds: plan.grain === undefined ? compiled.bounds : differenceBounds,
    blocking: blockingOf(context, plan),
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
    const { timeColumn } = node.contract
    return timeColumn === undefined ? [] : [{ edgeIndex, name: relationName(node, naming), timeColumn }]
  })
}

function blockingOf(context: RunContext, plan: PlanModel): BlockingAssertions | undefined {
  const assertions = context.graph
    .children(plan.id)
    .map((id) => context.graph.nodes.get(id))
    .filter((node): node is Assertion => node?.kind === 'test' && node.isBlocking && node.model === plan.id)
  if (assertions.length === 0) return undefined
  const bounds: Bound[] = []
  const isWhole = plan.grain === undefined
  const texts = assertions.map(({ rendered }) => compileSql(rendered, context.resolve, { isWhole }))
  const branches = assertions.map(({ rendered }, n) => {
    const { text } = compileSql(rendered, context.resolve, { isWhole, bounds })
    return `select ${n} as n, count(*) as failures from (\n${text}\n) as kx_failures`
  })
  return { assertions, texts, bounds, text: branches.join('\nunion all\n') }
}
