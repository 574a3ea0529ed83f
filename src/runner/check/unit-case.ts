import { grainMs, KxError, nearest, parseTimeRange, type TimeRange } from '../../base/index.ts'
import type { Graph } from '../graph/index.ts'
import type { Edge, GivenRows, Model, UnitTest } from '../model/index.ts'
import { type Relation, type Resolve, relationOf } from '../sql/index.ts'
import { givenSql, inputText, type RowNode, standsFor } from './given.ts'

/** A unit test that was checked against its project: what to run, and on what. */
export interface UnitCase {
  readonly test: UnitTest
  readonly model: Model
  /** The hours it builds; undefined for a model without partitions. */
  readonly range: TimeRange | undefined
  /** Gives the rows of the test in place of every relation. */
  readonly resolve: Resolve
  /** Columns that `expect` names. */
  readonly columns: readonly string[]
}

/** Where unit tests find models, sources and seeds. */
export interface UnitProject {
  readonly graph: Graph
  readonly seedSql: (id: string) => string
}

/**
 * Checks a unit test against the project it is about.
 *
 * @throws {KxError} KX_UNIT_TEST_INVALID for a model, input, column or partition that does not fit, at its place
 */
export function unitCaseOf(project: UnitProject, test: UnitTest): UnitCase {
  const model = modelOf(project.graph, test)
  const reads = readsOf(project.graph, model)
  for (const given of test.given) checkInput(model, reads, given)
  const columns = [...new Set(test.expect.flatMap((row) => Object.keys(row)))]
  checkExpected(model, columns, test)
  const range = rangeOf(model, test)
  return { test, model, range, columns, resolve: resolverOf(project, test) }
}

/** Ids of models with the names that unit tests may call them. */
export function modelOf(graph: Graph, test: UnitTest): Model {
  const models = [...graph.nodes.values()].filter((node): node is Model => node.kind === 'model')
  const found = models.find(({ id, name }) => id === test.model || name === test.model)
  if (found !== undefined) return found
  const near = nearest(
    test.model,
    models.map(({ name }) => name),
  )
  throw new KxError(
    'KX_UNIT_TEST_INVALID',
    `unit test ${test.name} is about '${test.model}', which is no model`,
    {
      hint: near === undefined ? 'Run kx ls to see the names.' : `Did you mean ${near}?`,
      at: test.at,
    },
  )
}

interface Read {
  readonly edge: Edge
  readonly parent: RowNode
}

/** What a model reads, and what the views and ephemerals among it read. */
function readsOf(graph: Graph, model: Model): Read[] {
  return model.rendered.bindings.flatMap(({ edge }) => {
    const parent = rowNode(graph, edge)
    const isOpen = edge.kind !== 'previous' && isTransparent(parent)
    return [{ edge, parent }, ...(isOpen && parent.kind === 'model' ? readsOf(graph, parent) : [])]
  })
}

function isTransparent(node: RowNode): boolean {
  return node.kind === 'model' && ['view', 'ephemeral'].includes(node.config.materialized)
}

function rowNode(graph: Graph, edge: Edge): RowNode {
  const node = graph.nodes.get(edge.parent)
  if (node !== undefined && node.kind !== 'test') return node
  throw new KxError('KX_REF_UNKNOWN', `'${edge.parent}' is not in the project`)
}

function checkInput(model: Model, reads: readonly Read[], given: GivenRows): void {
  if (reads.some(({ edge, parent }) => standsFor(given, edge, parent))) return
  const inputs = [...new Set(reads.map(({ edge, parent }) => inputText(edge, parent)))]
  const near = nearest(given.input, inputs)
  throw new KxError('KX_UNIT_TEST_INVALID', `${model.id} does not read ${given.input}`, {
    hint: near === undefined ? `It reads ${inputs.join(', ') || 'nothing'}.` : `Did you mean ${near}?`,
    at: given.at,
  })
}

function checkExpected(model: Model, columns: readonly string[], test: UnitTest): void {
  const names = model.contract?.columns.map(({ name }) => name) ?? []
  const unknown = names.length === 0 ? undefined : columns.find((name) => !names.includes(name))
  if (unknown === undefined) return
  const near = nearest(unknown, names)
  throw new KxError(
    'KX_UNIT_TEST_INVALID',
    `unit test ${test.name} expects '${unknown}', no column of ${model.id}`,
    {
      hint: near === undefined ? `Its columns are ${names.join(', ')}.` : `Did you mean ${near}?`,
      at: test.at,
    },
  )
}

function rangeOf(model: Model, test: UnitTest): TimeRange | undefined {
  const { partition: grain } = model.config
  const written = test.partition ?? test.batch
  const fail = (message: string, hint: string) =>
    new KxError('KX_UNIT_TEST_INVALID', `unit test ${test.name}: ${message}`, { hint, at: test.at })
  if (grain === undefined) {
    if (written === undefined) return undefined
    throw fail(`${model.id} is built once, without partitions`, 'Drop partition: or batch:.')
  }
  const example = grain === 'hour' ? '2024-05-01T13' : '2024-05-01'
  if (written === undefined) {
    throw fail(`${model.id} is built by the ${grain}, and no ${grain} is named`, `Add partition: ${example}.`)
  }
  const range = parseTimeRange(written)
  const count = (range.endMs - range.startMs) / grainMs(grain)
  const fits = test.partition === undefined ? Number.isInteger(count) : count === 1
  if (fits && range.startMs % grainMs(grain) === 0) return range
  throw fail(`'${written}' is not one ${grain}`, `Write partition: ${example}, or batch: for several.`)
}

/** Views without rows of their own are looked through, so that rows can be given below them. */
function resolverOf({ graph, seedSql }: UnitProject, test: UnitTest): Resolve {
  return (edge) => {
    const parent = rowNode(graph, edge)
    const given = test.given.find((one) => standsFor(one, edge, parent))
    if (given === undefined && parent.kind === 'model' && isTransparent(parent)) {
      const isEmpty = parent.contract !== undefined && !readsGiven(graph, parent, test)
      if (parent.config.materialized === 'ephemeral' || !isEmpty) return { kind: 'ephemeral', model: parent }
    }
    return inPlaceOf(parent, givenSql(parent, given, { test, seedSql }))
  }
}

function readsGiven(graph: Graph, model: Model, test: UnitTest): boolean {
  return readsOf(graph, model).some(({ edge, parent }) =>
    test.given.some((given) => standsFor(given, edge, parent)),
  )
}

/** The relation of `parent` with other rows: it is cut to its window all the same. */
function inPlaceOf(parent: RowNode, sql: string): Relation {
  const name = `(\n${sql}\n) as kx_given`
  const relation = relationOf(parent, { schemaPrefix: '', sourcePrefix: '' })
  if (relation.kind === 'ephemeral')
    return { kind: 'table', name, timeColumn: relation.model.config.timeColumn }
  return relation.kind === 'given' ? relation : { ...relation, name }
}
