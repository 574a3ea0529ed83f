import { type Edge, formatWindow } from '../model/index.ts'
import { PLACEHOLDER, PLACEHOLDER_CLOSE, PLACEHOLDER_OPEN } from './sql-tokens.ts'
import type { Site, Value } from './value.ts'

/** One call of config(). */
export interface ConfigCall {
  readonly values: Readonly<Record<string, Value>>
  readonly site: Site
}

/** A relation and window that a template asked for, and where first. */
export interface AskedFor {
  readonly edge: Edge
  /** The relation's own name: `fact_ohlcv`. */
  readonly name: string
  readonly schema: string
  readonly site: Site
}

/** What a template used while it rendered. */
export interface Usage {
  readonly relations: Map<string, AskedFor>
  readonly configCalls: ConfigCall[]
  readonly vars: Record<string, Value>
}

export function newUsage(): Usage {
  return { relations: new Map(), configCalls: [], vars: {} }
}

/** Placeholders that stand for no relation. */
export const START_PLACEHOLDER = placeholder(0)
export const END_PLACEHOLDER = placeholder(1)
export const THIS_PLACEHOLDER = placeholder(2)
const FIRST_RELATION = 3

function placeholder(number: number): string {
  return `${PLACEHOLDER_OPEN}${number}${PLACEHOLDER_CLOSE}`
}

/** Notes a relation and gives its placeholder: the same for the same relation and window. */
export function askFor(usage: Usage, asked: AskedFor): string {
  const key = edgeKey(asked.edge)
  if (!usage.relations.has(key)) usage.relations.set(key, asked)
  return placeholder([...usage.relations.keys()].indexOf(key) + FIRST_RELATION)
}

/** The relation that a placeholder stands for. */
export function relationOf(usage: Usage, text: string): AskedFor | undefined {
  return [...usage.relations.values()][Number(text.slice(1, -1)) - FIRST_RELATION]
}

/** `ref silver.fact_ohlcv 24h`: what an edge is, as text. */
function edgeKey({ kind, parent, window }: Edge): string {
  return `${kind} ${parent} ${formatWindow(window)}`
}

/** What a text without comments reads, in its order. */
export function relationsIn(text: string, usage: Usage): AskedFor[] {
  const read = new Set<AskedFor>()
  for (const [placeholder] of text.matchAll(PLACEHOLDER)) {
    const asked = relationOf(usage, placeholder)
    if (asked !== undefined) read.add(asked)
  }
  return [...read]
}
