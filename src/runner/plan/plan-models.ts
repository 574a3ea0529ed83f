import { HOUR_MS, hashText } from '../../base/index.ts'
import { effectiveEdges, type Graph, grainOf } from '../graph/index.ts'
import type { Edge, Model, Node, Seed } from '../model/index.ts'
import { mixHashes } from './inputs.ts'
import type { PlanEdge, PlanModel } from './plan-model.ts'

/** Hours of a model that are built in one statement where each row depends on its own hour. */
const DEFAULT_BATCH = 24

/** What holds where a model does not say otherwise. */
export interface PlanDefaults {
  readonly beginMs: number | undefined
  /** Most partitions in one statement, whatever models allow. */
  readonly maxBatch?: number
}

/** Every model and seed that holds something in the warehouse, as the planner sees it, parents first. */
export function planModels(graph: Graph, defaults: PlanDefaults): PlanModel[] {
  const models: PlanModel[] = []
  for (const node of graph.nodes.values()) {
    if (node.kind === 'seed') models.push(seedModel(node.id, seedHash(node)))
    if (node.kind === 'model' && node.config.materialized !== 'ephemeral') {
      models.push(planModel(graph, node, defaults))
    }
  }
  return models
}

/** Of its content, and of the types that its contract gives it. */
function seedHash({ contentHash, contract }: Seed): number {
  const types = contract?.columns.map(({ name, type }) => `${name} ${type}`) ?? []
  return types.length === 0 ? contentHash : mixHashes(contentHash, hashText(types.join('\n')))
}

function seedModel(id: string, codeHash: number): PlanModel {
  return {
    id,
    kind: 'seed',
    grain: undefined,
    codeHash,
    vars: {},
    edges: [],
    batch: 1,
    beginMs: undefined,
    settleMs: 0,
    isProtected: false,
    hasPrevious: false,
  }
}

/** One model as the planner sees it. */
export function planModel(graph: Graph, model: Model, defaults: PlanDefaults): PlanModel {
  const { config } = model
  const effective = effectiveEdges(graph, model)
  const isView = config.materialized === 'view'
  const edges = isView ? [] : planEdges(graph, model, effective)
  const beginMs = config.beginMs ?? defaults.beginMs
  return {
    id: model.id,
    kind: config.materialized === 'ephemeral' ? 'view' : config.materialized,
    grain: config.partition,
    codeHash: combinedHash(graph, model),
    vars: combinedVars(graph, model),
    edges,
    batch: Math.min(
      config.partition === undefined ? 1 : batchOf(model, effective),
      defaults.maxBatch ?? Infinity,
    ),
    beginMs: beginMs === undefined ? undefined : Math.floor(beginMs / HOUR_MS) * HOUR_MS,
    settleMs: config.settleMs,
    isProtected: config.isProtected,
    hasPrevious: edges.some(({ from }) => from === 'previous'),
  }
}

/** Inputs looked through to tables and sources, and beside them the views on the way, for their code. */
function planEdges(graph: Graph, model: Model, effective: readonly Edge[]): PlanEdge[] {
  const views = viewsOnTheWay(graph, model).map((parent) => ({
    kind: 'ref' as const,
    parent,
    window: 'own' as const,
  }))
  return [...effective, ...views].map((edge) => {
    const parent = graph.nodes.get(edge.parent)
    const parentGrain = edge.kind === 'previous' ? model.config.partition : grainOf(parent)
    return { edge, from: sideOf(edge, parent), parent: edge.parent, parentGrain }
  })
}

function sideOf(edge: Edge, parent: Node | undefined): PlanEdge['from'] {
  if (edge.window === 'none') return 'none'
  if (edge.kind === 'previous') return 'previous'
  if (parent?.kind !== 'source') return 'model'
  return parent.contract.validRange === undefined ? 'source' : 'range'
}

function viewsOnTheWay(graph: Graph, model: Model): string[] {
  const views = new Set<string>()
  const visit = (node: Model) => {
    for (const { edge } of node.rendered.bindings) {
      const parent = graph.nodes.get(edge.parent)
      if (edge.kind === 'previous' || parent?.kind !== 'model') continue
      if (parent.config.materialized === 'view') views.add(parent.id)
      if (parent.config.materialized === 'view' || parent.config.materialized === 'ephemeral') visit(parent)
    }
  }
  visit(model)
  return [...views].sort()
}

/** The model's own hash, and those of the ephemerals written into it. */
function combinedHash(graph: Graph, model: Model): number {
  let hash = model.codeHash
  for (const parent of ephemeralsOf(graph, model)) hash = mixHashes(hash, combinedHash(graph, parent))
  return hash
}

function combinedVars(graph: Graph, model: Model): Readonly<Record<string, unknown>> {
  const inner = ephemeralsOf(graph, model).map((parent) => combinedVars(graph, parent))
  return Object.assign({}, ...inner, model.rendered.vars)
}

function ephemeralsOf(graph: Graph, model: Model): Model[] {
  return graph.parents(model.id).flatMap((id) => {
    const parent = graph.nodes.get(id)
    return parent?.kind === 'model' && parent.config.materialized === 'ephemeral' ? [parent] : []
  })
}

/** Partitions together where each row depends on its own hour, or where config promises equal results. */
function batchOf(model: Model, effective: readonly Edge[]): number {
  // An hour of a batch cannot read the one before it: that is written by the same statement.
  if (effective.some(({ kind }) => kind === 'previous')) return 1
  if (model.config.batch !== undefined) return model.config.batch
  const isOwnHour =
    model.rendered.parameters.length === 0 && effective.every(({ window }) => window === 'own')
  return isOwnHour ? DEFAULT_BATCH : 1
}
