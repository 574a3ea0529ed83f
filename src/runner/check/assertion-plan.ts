import type { LedgerSnapshot, ModelLedgerRows, TimeRange } from '../../base/index.ts'
import { effectiveEdges, type Graph, grainOf } from '../graph/index.ts'
import type { Assertion, Model } from '../model/index.ts'
import {
  type AssessedPartition,
  assess,
  inputRange,
  type LedgerInputs,
  ledgerInputs,
  lowerBound,
  type PlanEdge,
  type PlanModel,
  planModel,
} from '../plan/index.ts'

/** A partition to test, with the hashes of what the assertion reads in it. */
export interface TestedPartition {
  /** ms since the epoch; NaN for what has no partitions. */
  readonly startMs: number
  readonly endMs: number
  readonly inputs: readonly number[]
}

/** An assertion with the partitions to test it on, oldest first. */
export interface PlannedAssertion {
  readonly assertion: Assertion
  readonly plan: PlanModel
  readonly partitions: readonly TestedPartition[]
  /** Partitions asked for that a model it reads does not hold: there is nothing to test. */
  readonly unbuilt: number
}

/** What planAssertions decides from. */
export interface AssertionPlanInput {
  readonly graph: Graph
  readonly assertions: readonly Assertion[]
  /** Every model that the assertions read, at any distance, parents first. */
  readonly models: readonly PlanModel[]
  readonly ledger: LedgerSnapshot
  /** Partitions that passed before, by assertion. */
  readonly passes: ReadonlyMap<string, ModelLedgerRows>
  readonly nowMs: number
  /** Test these hours, passed before or not; undefined: what moved since its last pass. */
  readonly range: TimeRange | undefined
  /** Nothing outside. */
  readonly within: TimeRange | undefined
}

/** Decides which hours of each assertion to test, and touches nothing. */
export function planAssertions(input: AssertionPlanInput): PlannedAssertion[] {
  const plans = input.assertions.map((assertion) => assertionModel(input.graph, assertion))
  const ledger = { ...input.ledger, models: new Map([...input.ledger.models, ...input.passes]) }
  const assessed = assess({
    models: [...input.models, ...plans],
    ledger,
    nowMs: input.nowMs,
    allowPartial: false,
  })
  const inputs = ledgerInputs(input.ledger)
  return input.assertions.flatMap((assertion, i) => {
    const plan = plans[i]
    if (plan === undefined) return []
    const asked = (assessed.get(assertion.id)?.partitions ?? []).filter((one) => isAsked(one, input))
    const built = asked.filter((one) => isBuilt(plan, rangeOf(one), inputs))
    const partitions = built.map((one) => ({
      startMs: one.startMs,
      endMs: one.endMs,
      inputs: plan.edges.map((edge) => inputs.hash(edge, rangeOf(one))),
    }))
    return [{ assertion, plan, partitions, unbuilt: asked.length - built.length }]
  })
}

/** An assertion as the planner sees it: like a model that is cut as finely as all that it reads allows. */
function assertionModel(graph: Graph, assertion: Assertion): PlanModel {
  const edges = effectiveEdges(graph, asModel(assertion, 'day')).filter(({ window }) => window !== 'none')
  const parents = edges.map(({ parent }) => graph.nodes.get(parent))
  const grains = parents.map((node) =>
    node?.kind === 'source' && node.contract.timeColumn === undefined ? undefined : grainOf(node),
  )
  const grain = grains.includes('day') ? 'day' : grains.includes('hour') ? 'hour' : undefined
  return planModel(graph, asModel(assertion, grain), { beginMs: undefined })
}

function asModel(assertion: Assertion, partition: 'hour' | 'day' | undefined): Model {
  const { id, name, fqn, file, rendered, codeHash } = assertion
  const config: Model['config'] = {
    materialized: partition === undefined ? 'table' : 'incremental',
    partition,
    strategy: 'replace',
    uniqueKey: [],
    timeColumn: undefined,
    updateWhen: undefined,
    onSchemaChange: 'append',
    batch: 1,
    beginMs: undefined,
    settleMs: 0,
    isProtected: false,
    isEnabled: true,
    renamedFrom: undefined,
    tags: [],
    written: {},
  }
  const edges = rendered.bindings.map(({ edge }) => edge)
  const rest = { contractFile: undefined, contract: undefined, config, edges, rendered, codeHash }
  return { kind: 'model', id, schema: 'tests', name, fqn, file, ...rest }
}

function isAsked(one: AssessedPartition, { range, within }: AssertionPlanInput): boolean {
  if (one.state === 'frozen') return false
  if (Number.isNaN(one.startMs)) return range !== undefined || one.state !== 'current'
  if (within !== undefined && !(one.startMs >= within.startMs && one.endMs <= within.endMs)) return false
  if (range === undefined) return one.state !== 'current'
  return one.startMs >= range.startMs && one.endMs <= range.endMs
}

function rangeOf({ startMs, endMs }: TimeRange): TimeRange | undefined {
  return Number.isNaN(startMs) ? undefined : { startMs, endMs }
}

/** Whether every model that is read holds something there. */
function isBuilt(plan: PlanModel, range: TimeRange | undefined, inputs: LedgerInputs): boolean {
  return plan.edges.every((edge) => !isOfModel(edge) || holdsSomething(edge, range, inputs))
}

function isOfModel({ from, edge }: PlanEdge): boolean {
  return from === 'model' || (from === 'none' && edge.kind === 'ref')
}

function holdsSomething(edge: PlanEdge, range: TimeRange | undefined, { versions }: LedgerInputs): boolean {
  const held = versions.get(edge.parent)
  if (held === undefined || held.startsMs.length === 0) return false
  const read = inputRange(edge.edge, range, edge.parentGrain)
  if (read === undefined || !Number.isFinite(read.startMs)) return true
  const next = held.startsMs[lowerBound(held.startsMs, read.startMs)]
  return next !== undefined && next < read.endMs
}
