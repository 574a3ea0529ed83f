import { type Grain, KxError } from '../../base/index.ts'
import { type Edge, formatWindow, type Model, type Node, type Window } from '../model/index.ts'
import { addWindows } from './add-windows.ts'
import type { Graph } from './graph.ts'

/**
 * What a model really reads: tables, seeds and sources, with views and ephemerals looked through and the
 * windows on the way added up. In the order of the SQL, equal ones once; its own past included.
 *
 * @throws {KxError} KX_WINDOW_INVALID when a window does not fit its parent's hours or days, or a view uses
 * `partition`
 */
export function effectiveEdges(graph: Graph, model: Model): Edge[] {
  checkBody(model)
  for (const { edge } of model.rendered.bindings) {
    checkWritten(graph, model, edge)
    checkView(graph, model, edge)
  }
  const edges = model.rendered.bindings.flatMap(({ edge }) => lookThrough(graph, edge))
  const effective = [...new Map(edges.map((edge) => [keyOf(edge), edge])).values()]
  for (const edge of effective) checkGrain(graph, model, edge)
  return effective
}

/**
 * How a node's rows are cut in time; undefined when it has no partitions. Sources that say when a row
 * happened or held are cut in hours.
 */
export function grainOf(node: Node | undefined): Grain | undefined {
  if (node?.kind === 'model') return node.config.partition
  if (node?.kind !== 'source') return undefined
  return node.contract.timeColumn !== undefined || node.contract.validRange !== undefined ? 'hour' : undefined
}

/** Whether reading `node` means reading what is under it. */
function isTransparent(node: Node | undefined): boolean {
  return (
    node?.kind === 'model' &&
    (node.config.materialized === 'view' || node.config.materialized === 'ephemeral')
  )
}

function lookThrough(graph: Graph, edge: Edge): Edge[] {
  const parent = graph.nodes.get(edge.parent)
  if (edge.kind === 'previous' || parent?.kind !== 'model' || !isTransparent(parent)) return [edge]
  return parent.rendered.bindings.flatMap(({ edge: inner }) =>
    lookThrough(graph, { ...inner, window: addWindows(edge.window, inner.window) }),
  )
}

function keyOf({ kind, parent, window }: Edge): string {
  return `${kind} ${parent} ${formatWindow(window)}`
}

/** A view is one text for every hour, and neither it nor an ephemeral holds rows of its own. */
function checkBody(model: Model): void {
  const { materialized } = model.config
  if (materialized === 'view' && model.rendered.parameters.length > 0) {
    throw invalid(model, `${model.id} is a view and cannot know partition.start or partition.end`, {
      hint: "Read less with ref('…', window='…') where the view is read, or make it ephemeral.",
    })
  }
  const readsItself = model.rendered.bindings.some(({ edge }) => edge.kind === 'previous')
  if (readsItself && model.config.partition === undefined) {
    throw invalid(model, `${model.id} has no hours, so previous() has nothing to read`, {
      hint: "Make it materialized='incremental', or read another model with ref('…', window='1h').",
    })
  }
}

/** A window that was written must have hours or days to count, on both ends. */
function checkWritten(graph: Graph, model: Model, edge: Edge): void {
  if (typeof edge.window === 'string') return
  const parent = graph.nodes.get(edge.parent)
  if (model.config.partition === undefined && !isTransparent(model)) {
    throw invalid(model, `${model.id} is built once, so ${shown(edge)} has no hour to count from`, {
      hint: "Leave the window out, or write window='none'.",
    })
  }
  if (grainOf(parent) === undefined && !isTransparent(parent)) {
    throw invalid(model, `${shown(edge)} reads ${edge.parent}, which has no hours to count`, {
      hint: "Leave the window out, or write window='none'.",
    })
  }
}

/** A view's rows are cut to the window on its own column: without one a model would read all of time. */
function checkView(graph: Graph, model: Model, edge: Edge): void {
  const view = graph.nodes.get(edge.parent)
  if (model.config.partition === undefined || edge.window === 'none') return
  if (view?.kind !== 'model') return
  if (view.config.materialized === 'ephemeral') {
    for (const { edge: inner } of view.rendered.bindings) checkView(graph, model, inner)
  }
  if (view.config.materialized !== 'view' || view.config.timeColumn !== undefined) return
  const dated = lookThrough(graph, edge).find(
    ({ parent, window }) => window !== 'none' && grainOf(graph.nodes.get(parent)) !== undefined,
  )
  if (dated === undefined) return
  throw invalid(model, `${view.id} does not say which column places its rows in time`, {
    hint: `Add time_column='…' to ${view.file}, or read all of it with window='none'.`,
  })
}

function checkGrain(graph: Graph, model: Model, edge: Edge): void {
  const reader = model.config.partition
  if (reader === undefined || grainOf(graph.nodes.get(edge.parent)) !== 'day') return
  if (edge.window === 'none') return
  const window = edge.window === 'own' ? OWN : edge.window
  if (reader === 'day') {
    if (window.unit === 'day' || (window.before % 24 === 0 && window.after % 24 === 0)) return
    throw invalid(model, `${shown(edge)} is not a whole number of days of ${edge.parent}`, {
      hint: "Count in days: window='1d'.",
    })
  }
  if (edge.kind !== 'previous' && window.unit === 'day' && window.after < 0) return
  throw invalid(model, `${model.id} is built by the hour and reads the day of ${edge.parent} it lies in`, {
    hint: "Read the day before: window='1d..-1d'.",
  })
}

const OWN: Window = { unit: 'hour', before: 0, after: 0 }

function shown(edge: Edge): string {
  return `window='${formatWindow(edge.window)}'`
}

function invalid(model: Model, message: string, { hint }: { hint: string }): KxError {
  return new KxError('KX_WINDOW_INVALID', message, { hint, at: { file: model.file } })
}
