import type { Graph } from '../graph/index.ts'
import { type Criterion, parseSelection } from './criterion.ts'
import { matcherOf } from './methods.ts'
import {
  everything,
  intersect,
  nothing,
  type Picked,
  pickTests,
  subtract,
  type TestMode,
  unite,
} from './picked.ts'

/** What --select and --exclude say. */
export interface SelectOptions {
  readonly select: readonly string[]
  readonly exclude: readonly string[]
  /** Which tests come with the models; `buildable` unless told. */
  readonly mode?: TestMode
}

export interface Selected {
  /** Ids of models, seeds, sources and tests; the command keeps the kinds it works on. */
  readonly ids: Set<string>
  /** Selectors between spaces that name nothing, as they were written. */
  readonly unmatched: string[]
}

/**
 * Evaluates dbt's selection: union of --select (everything, if there is none) without the union of
 * --exclude, and the tests that come with it.
 *
 * @see https://docs.getdbt.com/reference/node-selection/syntax
 * @throws {KxError} KX_SELECT_INVALID
 */
export function selectNodes(graph: Graph, { select, exclude, mode = 'buildable' }: SelectOptions): Selected {
  const included = parseSelection(select).map((term) => ({ term, picked: pickTerm(graph, term, mode) }))
  const excluded = parseSelection(exclude).map((term) => pickTerm(graph, term, mode))
  const both = (a: Picked, b: Picked) => unite(graph, a, b, mode)
  const base =
    included.length === 0 ? everything(graph, mode) : included.map(({ picked }) => picked).reduce(both)
  const left = excluded.length === 0 ? base : subtract(graph, base, excluded.reduce(both), mode)
  return {
    ids: new Set([...left.nodes, ...left.named, ...left.brought]),
    unmatched: included.filter(({ picked }) => isEmpty(picked)).map(({ term }) => textOf(term)),
  }
}

function pickTerm(graph: Graph, term: readonly Criterion[], mode: TestMode): Picked {
  const picks = term.map((criterion) => pick(graph, criterion, mode))
  const [first = nothing, ...rest] = picks
  return rest.reduce((a, b) => intersect(graph, a, b, mode), first)
}

/** The nodes of one criterion: what it names, its `+` and `@`, and the tests that come with them. */
function pick(graph: Graph, criterion: Criterion, mode: TestMode): Picked {
  const matches = matcherOf(criterion)
  const named = new Set<string>()
  for (const [id, node] of graph.nodes) if (matches(node)) named.add(id)
  return pickTests(graph, { named, reached: neighbours(graph, criterion, named) }, mode)
}

function neighbours(graph: Graph, criterion: Criterion, named: ReadonlySet<string>): Set<string> {
  const reached = new Set<string>()
  const take = (ids: Iterable<string>) => {
    for (const id of ids) reached.add(id)
  }
  if (criterion.isAt) {
    const below = graph.descendants(named)
    take(below)
    take(graph.ancestors([...named, ...below]))
  }
  if (criterion.parents > 0) take(graph.ancestors(named, criterion.parents))
  if (criterion.children > 0) take(graph.descendants(named, criterion.children))
  return reached
}

function isEmpty({ nodes, named, brought }: Picked): boolean {
  return nodes.size + named.size + brought.size === 0
}

function textOf(term: readonly Criterion[]): string {
  return term.map(({ raw }) => raw).join(',')
}
