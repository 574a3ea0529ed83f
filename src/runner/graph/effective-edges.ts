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
  const written = model.rendered.bindings.map(({ edge }) => edge)
  for (const edge of written) checkWritten(graph, model, edge)
  checkViews(graph, model, written)
  const effective = lookThrough(graph, written)
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

/** What stands at the end of `edges`. Views that meet again over the same window are walked once. */
function lookThrough(graph: Graph, edges: readonly Edge[]): Edge[] {
  const seen = new Set<string>()
  function walk(edge: Edge): Edge[] {
    const key = keyOf(edge)
    if (seen.has(key)) return []
    seen.add(key)
    const parent = graph.nodes.get(edge.parent)
    if (edge.kind === 'previous' || parent?.kind !== 'model' || !isTransparent(parent)) return [edge]
    return parent.rendered.bindings.flatMap(({ edge: inner }) =>
      walk({ ...inner, window: addWindows(edge.window, inner.window) }),
    )
  }
  return edges.flatMap(walk)
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
function checkViews(graph: Graph, model: Model, edges: readonly Edge[]): void {
  if (model.config.partition === undefined) return
  const seen = new Set<string>()
  function walk(edge: Edge): void {
    const parent = graph.nodes.get(edge.parent)
    if (edge.window === 'none' || parent?.kind !== 'model' || seen.has(keyOf(edge))) return
    seen.add(keyOf(edge))
    if (parent.config.materialized === 'ephemeral') {
      for (const { edge: inner } of parent.rendered.bindings) walk(inner)
    }
    if (parent.config.materialized !== 'view' || !hidesTime(graph, parent, edge)) return
    throw invalid(model, `${parent.id} does not say which column places its rows in time`, {
      hint: `Add time_column='…' to ${parent.file}, or read all of it with window='none'.`,
    })
  }
  edges.forEach(walk)
}

/** Whether a view reads rows with a time over a window, and does not say which column holds it. */
function hidesTime(graph: Graph, view: Model, edge: Edge): boolean {
  if (view.config.timeColumn !== undefined) return false
  return lookThrough(graph, [edge]).some(
    ({ parent, window }) => window !== 'none' && grainOf(graph.nodes.get(parent)) !== undefined,
  )
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
