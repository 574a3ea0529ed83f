import { DirectedGraph } from 'graphology'
import { hasCycle, topologicalSort } from 'graphology-dag'
import { KxError } from '../../base/index.ts'
import type { Assertion, Model, Node, Seed, Source } from '../model/index.ts'
import { findCircle } from './circle.ts'

/** What a graph is made of. */
export interface GraphInput {
  readonly models: readonly Model[]
  readonly seeds: readonly Seed[]
  readonly sources: readonly Source[]
  readonly tests: readonly Assertion[]
}

/**
 * Who reads whom: an arrow runs from each parent to its child. Models, seeds and sources come first, tests
 * hang below what they read. The same project gives the same graph, whatever order its files were read in.
 */
export interface Graph {
  /** By id, parents before children. */
  readonly nodes: ReadonlyMap<string, Node>
  /** Ids of what `id` reads, sorted; not its own past. */
  parents(id: string): readonly string[]
  /** Ids of what reads `id`, tests included, sorted. */
  children(id: string): readonly string[]
  /** Everything upstream of `ids` within `depth` arrows, without `ids` themselves unless reached. */
  ancestors(ids: Iterable<string>, depth?: number): Set<string>
  /** Everything downstream of `ids` within `depth` arrows, without `ids` themselves unless reached. */
  descendants(ids: Iterable<string>, depth?: number): Set<string>
}

/**
 * Ties models, seeds, sources and tests together. A model's own past (`previous`) is not an arrow.
 *
 * @throws {KxError} KX_GRAPH_CYCLE when models read each other in a circle; it is named whole
 * @throws {KxError} KX_REF_UNKNOWN when a node reads what is not there
 */
export function buildGraph({ models, seeds, sources, tests }: GraphInput): Graph {
  const nodes = [...models, ...seeds, ...sources, ...tests].sort(byId)
  const graph = new DirectedGraph<{ node: Node }>()
  for (const node of nodes) graph.addNode(node.id, { node })
  for (const node of nodes) addArrows(graph, node)
  if (hasCycle(graph)) throw circleError(graph)
  const order = topologicalSort(graph)
  return {
    nodes: new Map(order.map((id) => [id, graph.getNodeAttribute(id, 'node')])),
    parents: (id) => graph.inNeighbors(id).sort(),
    children: (id) => graph.outNeighbors(id).sort(),
    ancestors: (ids, depth) => walk(ids, (id) => graph.inNeighbors(id), depth),
    descendants: (ids, depth) => walk(ids, (id) => graph.outNeighbors(id), depth),
  }
}

/** The ids that a node reads, each once, sorted; a model's own past is left out. */
function parentsOf(node: Node): string[] {
  if (node.kind === 'test') return [...new Set(node.parents)].sort()
  if (node.kind !== 'model') return []
  const read = node.edges.filter(({ kind }) => kind !== 'previous')
  return [...new Set(read.map(({ parent }) => parent))].sort()
}

function addArrows(graph: DirectedGraph<{ node: Node }>, node: Node): void {
  for (const parent of parentsOf(node)) {
    if (!graph.hasNode(parent)) {
      throw new KxError('KX_REF_UNKNOWN', `${node.id} reads '${parent}', which is not in the project`, {
        hint: 'Check the name in ref() or source(), or enable what it names.',
        at: { file: node.file },
      })
    }
    graph.addEdge(parent, node.id)
  }
}

function circleError(graph: DirectedGraph<{ node: Node }>): KxError {
  const circle = findCircle(graph.nodes(), (id) => graph.inNeighbors(id).sort())
  const [first] = circle
  const file = first === undefined ? undefined : graph.getNodeAttribute(first, 'node').file
  const isOwn = circle.length === 2
  return new KxError('KX_GRAPH_CYCLE', `models read each other in a circle: ${circle.join(' → ')}`, {
    hint: isOwn
      ? "Read the model's own past with previous('1h') instead of ref()."
      : 'Move what they share into a model upstream of both.',
    ...(file === undefined ? {} : { at: { file } }),
  })
}

function walk(
  ids: Iterable<string>,
  next: (id: string) => readonly string[],
  depth = Number.POSITIVE_INFINITY,
): Set<string> {
  const reached = new Set<string>()
  let front = [...ids]
  for (let step = 0; step < depth && front.length > 0; step++) {
    const found: string[] = []
    for (const id of front.flatMap(next)) {
      if (reached.has(id)) continue
      reached.add(id)
      found.push(id)
    }
    front = found
  }
  return reached
}

function byId(a: Node, b: Node): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}
