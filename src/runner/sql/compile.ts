import { DAY_MS, HOUR_MS, identifier } from '../../base/index.ts'
import { addWindows } from '../graph/index.ts'
import type { BoundParameter, Edge, Model, RenderedSql, Seed, Source } from '../model/index.ts'

/** A bound of a step's time: its start or end, rounded out to a day if told, then moved. */
export interface Bound extends BoundParameter {
  readonly isDayAligned: boolean
}

/** One statement for every step of a model: text with `$n`, and what each `$n` is. */
export interface CompiledSql {
  readonly text: string
  readonly bounds: readonly Bound[]
  /** Where the rendered template begins in `text`, in characters as Postgres counts: to map an error's position back. */
  readonly bodyOffset: number
  /** The ephemerals in `text`: an error's position may lie in one of them. */
  readonly inlined?: readonly Inlined[]
}

/** An ephemeral that is written in place, and its SQL as it stands there. */
export interface Inlined {
  readonly model: Model
  readonly sql: string
}

/** How a parent's rows are found: what the sql room must know of it. */
export type Relation =
  | { readonly kind: 'table'; readonly name: string; readonly timeColumn: string | undefined }
  | { readonly kind: 'valid'; readonly name: string; readonly from: string; readonly to: string }
  | { readonly kind: 'ephemeral'; readonly model: Model }
  | { readonly kind: 'given'; readonly sql: string }

/** Gives the relation behind an edge; unit tests and --defer put another one there. */
export type Resolve = (edge: Edge) => Relation

/**
 * Puts the inputs in front of a rendered template, each already cut to its window, so that no model can read
 * what its staleness does not know of.
 *
 * `isWhole` leaves windows out: for views and tables, which are built once. `bounds` lets several texts share
 * their parameters.
 */
export function compileSql(
  rendered: RenderedSql,
  resolve: Resolve,
  { isWhole, bounds = [] }: { isWhole: boolean; bounds?: Bound[] },
): CompiledSql {
  const body = renumber(bodyOf(rendered), rendered.parameters, bounds)
  const inlined: Inlined[] = []
  const scope = { resolve, bounds, isWhole, inlined }
  const inputs = rendered.bindings.map(
    ({ name, edge }) => `${identifier(name)} as not materialized (\n${inputSql(edge, scope)}\n)`,
  )
  const head = inputs.length === 0 ? '' : `with\n${inputs.join(',\n')}\n`
  const before = `${head}select * from (\n`
  return { text: `${before}${body}\n) as kx_model`, bounds, bodyOffset: [...before].length, inlined }
}

function bodyOf(rendered: RenderedSql): string {
  return rendered.sql.replace(/[\s;]+$/, '')
}

/** What the inputs of one statement share; what they need is added to it. */
interface Scope {
  readonly resolve: Resolve
  readonly bounds: Bound[]
  readonly isWhole: boolean
  readonly inlined: Inlined[]
}

function inputSql(edge: Edge, scope: Scope): string {
  const { resolve, bounds, isWhole } = scope
  const relation = resolve(edge)
  if (relation.kind === 'given') return relation.sql
  if (relation.kind === 'ephemeral') return ephemeralSql(relation.model, edge, scope)
  const [lower, upper] = edgeBounds(edge)
  const isCut = !isWhole && edge.window !== 'none'
  if (relation.kind === 'valid' && isCut) {
    return `    select * from ${relation.name} where ${identifier(relation.from)} < ${parameter(bounds, upper)} and ${identifier(relation.to)} > ${parameter(bounds, lower)}`
  }
  if (relation.kind === 'table' && relation.timeColumn !== undefined && isCut) {
    const column = identifier(relation.timeColumn)
    return `    select * from ${relation.name} where ${column} >= ${parameter(bounds, lower)} and ${column} < ${parameter(bounds, upper)}`
  }
  return `    select * from ${relation.name}`
}

/** The bounds of what `edge` reads, relative to the step. */
export function edgeBounds(edge: Edge): [Bound, Bound] {
  const { window } = edge
  if (typeof window === 'string') {
    return [
      { from: 'start', offsetMs: 0, isDayAligned: false },
      { from: 'end', offsetMs: 0, isDayAligned: false },
    ]
  }
  const unitMs = window.unit === 'hour' ? HOUR_MS : DAY_MS
  const isDayAligned = window.unit === 'day'
  const lower: Bound = { from: 'start', offsetMs: -window.before * unitMs, isDayAligned }
  if (edge.kind === 'previous') return [lower, { from: 'start', offsetMs: 0, isDayAligned: false }]
  return [lower, { from: 'end', offsetMs: window.after * unitMs, isDayAligned }]
}

/** `$n::timestamptz` for `bound`, added to `bounds` unless it is there. */
function parameter(bounds: Bound[], bound: Bound): string {
  const found = bounds.findIndex(
    (b) => b.from === bound.from && b.offsetMs === bound.offsetMs && b.isDayAligned === bound.isDayAligned,
  )
  if (found >= 0) return `$${found + 1}::timestamptz`
  bounds.push(bound)
  return `$${bounds.length}::timestamptz`
}

/** An ephemeral is written in place: its own windows are added to the one it is read with. */
function ephemeralSql(model: Model, edge: Edge, scope: Scope): string {
  const { rendered } = model
  const sql = renumber(bodyOf(rendered), rendered.parameters, scope.bounds)
  scope.inlined.push({ model, sql })
  const inputs = rendered.bindings.map(({ name, edge: inner }) => {
    const widened = { ...inner, window: addWindows(edge.window, inner.window) }
    return `${identifier(name)} as not materialized (\n${inputSql(widened, scope)}\n)`
  })
  const head = inputs.length === 0 ? '' : `with\n${inputs.join(',\n')}\n`
  return `${head}${inPlace(sql).join('')}`
}

/** An ephemeral's SQL with what stands before and behind it. */
function inPlace(sql: string): [string, string, string] {
  return ['select * from (\n', sql, '\n) as kx_ephemeral']
}

/** The ephemeral that the character at `offset` of a statement is of, and its place in the ephemeral's SQL. */
export function inlinedAt(
  { text, inlined = [] }: Pick<CompiledSql, 'text' | 'inlined'>,
  offset: number,
): { readonly model: Model; readonly offset: number } | undefined {
  for (const { model, sql } of inlined) {
    const [before] = inPlace(sql)
    const whole = inPlace(sql).join('')
    for (let at = text.indexOf(whole); at >= 0 && at <= offset; at = text.indexOf(whole, at + 1)) {
      const inside = offset - at - before.length
      if (inside >= 0 && inside <= sql.length) return { model, offset: inside }
    }
  }
  return undefined
}

function renumber(sql: string, parameters: readonly BoundParameter[], bounds: Bound[]): string {
  return sql.replace(/\$(\d+)::timestamptz/g, (whole, digits: string) => {
    const used = parameters[Number(digits) - 1]
    return used === undefined ? whole : parameter(bounds, { ...used, isDayAligned: false })
  })
}

/** The values of `$1…` for a step over `[startMs, endMs)`, as ISO texts. */
export function boundValues(bounds: readonly Bound[], step: { startMs: number; endMs: number }): string[] {
  return bounds.map(({ from, offsetMs, isDayAligned }) => {
    const base = from === 'start' ? step.startMs : step.endMs
    const rounded = !isDayAligned
      ? base
      : (from === 'start' ? Math.floor(base / DAY_MS) : Math.ceil(base / DAY_MS)) * DAY_MS
    return new Date(rounded + offsetMs).toISOString()
  })
}

/** A statement with its bounds written in, for what takes no parameters: DDL, and several statements at once. */
export function literalSql(
  { text, bounds }: Pick<CompiledSql, 'text' | 'bounds'>,
  step: { startMs: number; endMs: number },
): string {
  const values = boundValues(bounds, step)
  return text.replace(/\$(\d+)::timestamptz/g, (whole, digits: string) => {
    const value = values[Number(digits) - 1]
    return value === undefined ? whole : `'${value}'::timestamptz`
  })
}

/** Names of relations in a target: schemas carry its prefix. */
export interface Naming {
  readonly schemaPrefix: string
  readonly sourcePrefix: string
  readonly deferred?: Deferred | undefined
}

/** Models that are read, with their ledger, where another target has them. */
export interface Deferred {
  readonly ids: ReadonlySet<string>
  readonly schemaPrefix: string
}

/** The prefix of the schemas that a model or seed, and its ledger, are in. */
export function prefixOf(id: string, { schemaPrefix, deferred }: Naming): string {
  return deferred?.ids.has(id) ? deferred.schemaPrefix : schemaPrefix
}

/** The quoted name of the table or view that a node is in `naming`. */
export function relationName(node: Model | Seed | Source, naming: Naming): string {
  const prefix = node.kind === 'source' ? naming.sourcePrefix : prefixOf(node.id, naming)
  return identifier(`${prefix}${node.schema}`, node.name)
}

/** The relation behind a node, for Resolve. */
export function relationOf(node: Model | Seed | Source, naming: Naming): Relation {
  const name = relationName(node, naming)
  if (node.kind === 'seed') return { kind: 'table', name, timeColumn: undefined }
  if (node.kind === 'model') {
    if (node.config.materialized === 'ephemeral') return { kind: 'ephemeral', model: node }
    return { kind: 'table', name, timeColumn: node.config.timeColumn }
  }
  const { validRange, timeColumn } = node.contract
  if (validRange) return { kind: 'valid', name, ...validRange }
  return { kind: 'table', name, timeColumn }
}
