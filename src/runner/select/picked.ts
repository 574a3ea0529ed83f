import type { Graph } from '../graph/index.ts'

/**
 * Which tests come with the models they read. With S the models selected and P a test's parents:
 * `eager` any of P in S · `cautious` all of P in S · `buildable` all of P in S, above S or sources · `empty` none.
 */
export type TestMode = 'eager' | 'cautious' | 'buildable' | 'empty'

type Ids = ReadonlySet<string>

/** A selection on its way. The four sets have nothing in common. */
export interface Picked {
  /** Models, seeds and sources. */
  readonly nodes: Ids
  /** Tests that a criterion named itself. */
  readonly named: Ids
  /** Tests that came with their models. */
  readonly brought: Ids
  /** Tests that read a picked node and also one that is not: another criterion may still complete them. */
  readonly maybe: Ids
}

/** No node at all. */
export const nothing: Picked = { nodes: new Set(), named: new Set(), brought: new Set(), maybe: new Set() }

/** Every node; tests as if they came with their models, so that --exclude takes them along. */
export function everything(graph: Graph, mode: TestMode): Picked {
  const ids = [...graph.nodes.keys()]
  const isTest = (id: string) => graph.nodes.get(id)?.kind === 'test'
  const tests = mode === 'empty' ? [] : ids.filter(isTest)
  return { ...nothing, nodes: new Set(ids.filter((id) => !isTest(id))), brought: new Set(tests) }
}

/** Sorts what a criterion names and reaches into nodes and tests, and lets the nodes bring their tests. */
export function pickTests(
  graph: Graph,
  { named, reached }: { named: Ids; reached: Ids },
  mode: TestMode,
): Picked {
  const isTest = (id: string) => graph.nodes.get(id)?.kind === 'test'
  const nodes = new Set([...named, ...reached].filter((id) => !isTest(id)))
  const namedTests = new Set([...named].filter(isTest))
  const touching = new Set([...nodes].flatMap((id) => graph.children(id)).filter(isTest))
  return settle(graph, { nodes, named: namedTests, tests: touching }, mode)
}

/** Both, and the tests that only both together complete. */
export function unite(graph: Graph, a: Picked, b: Picked, mode: TestMode): Picked {
  const nodes = new Set([...a.nodes, ...b.nodes])
  const named = new Set([...a.named, ...b.named])
  const brought = without(new Set([...a.brought, ...b.brought]), named)
  const maybe = without(new Set([...a.maybe, ...b.maybe]), brought)
  const rest = settle(graph, { nodes, named, tests: maybe }, mode)
  return { ...rest, brought: new Set([...brought, ...rest.brought]) }
}

/** Tests count as picked on a side when they were named or brought there: `fact_ohlcv,test_name:unique`. */
export function intersect(graph: Graph, a: Picked, b: Picked, mode: TestMode): Picked {
  const nodes = both(a.nodes, b.nodes)
  const sure = both(testsOf(a), testsOf(b))
  const named = new Set([...sure].filter((id) => a.named.has(id) || b.named.has(id)))
  const brought = without(sure, named)
  const all = both(new Set([...testsOf(a), ...a.maybe]), new Set([...testsOf(b), ...b.maybe]))
  const rest = settle(graph, { nodes, named: new Set(), tests: without(all, sure) }, mode)
  return { nodes, named, brought: new Set([...brought, ...rest.brought]), maybe: rest.maybe }
}

/** What is left of `a`: an excluded model takes its tests along, and tests that miss a parent now go too. */
export function subtract(graph: Graph, a: Picked, b: Picked, mode: TestMode): Picked {
  const nodes = without(a.nodes, b.nodes)
  const gone = testsOf(b)
  const fits = fitsIn(graph, nodes, mode === 'empty' ? 'eager' : mode)
  const brought = [...a.brought].filter((id) => !gone.has(id) && (fits(id) || hasNoParents(graph, id)))
  return { nodes, named: without(a.named, gone), brought: new Set(brought), maybe: new Set() }
}

function settle(
  graph: Graph,
  { nodes, named, tests }: { nodes: Ids; named: Ids; tests: Ids },
  mode: TestMode,
): Picked {
  if (mode === 'empty') return { nodes, named, brought: new Set(), maybe: new Set() }
  const fits = fitsIn(graph, nodes, mode)
  const open = [...without(tests, named)]
  return {
    nodes,
    named,
    brought: new Set(open.filter(fits)),
    maybe: new Set(open.filter((id) => !fits(id))),
  }
}

/** Whether a test may run with `nodes` selected. */
function fitsIn(graph: Graph, nodes: Ids, mode: TestMode): (test: string) => boolean {
  if (mode === 'eager') return (test) => graph.parents(test).some((id) => nodes.has(id))
  if (mode === 'cautious') return (test) => graph.parents(test).every((id) => nodes.has(id))
  let above: Ids | undefined
  return (test) =>
    graph.parents(test).every((id) => {
      if (nodes.has(id) || graph.nodes.get(id)?.kind === 'source') return true
      above ??= graph.ancestors(nodes)
      return above.has(id)
    })
}

function hasNoParents(graph: Graph, id: string): boolean {
  return graph.parents(id).length === 0
}

function testsOf({ named, brought }: Picked): Set<string> {
  return new Set([...named, ...brought])
}

function both(a: Ids, b: Ids): Set<string> {
  return new Set([...a].filter((id) => b.has(id)))
}

function without(a: Ids, b: Ids): Set<string> {
  return new Set([...a].filter((id) => !b.has(id)))
}
