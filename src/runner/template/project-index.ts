import { nearest } from '../../base/index.ts'

/** What ref() and source() can name. */
export interface ProjectIndex {
  /** Models and seeds, by name. */
  readonly relations: ReadonlyMap<string, RelationEntry>
  /** By id: `bronze.ohlcv_native`. */
  readonly sources: ReadonlyMap<string, RelationEntry>
}

export interface RelationEntry {
  readonly id: string
  readonly schema: string
  readonly name: string
}

/** A model or seed by name or id. */
export function findRelation({ relations }: ProjectIndex, name: string): RelationEntry | undefined {
  const found = relations.get(name)
  if (found !== undefined || !name.includes('.')) return found
  const last = relations.get(name.slice(name.lastIndexOf('.') + 1))
  return last?.id === name ? last : undefined
}

/** The order that helps after ref() of an unknown name. */
export function hintForRef({ relations, sources }: ProjectIndex, name: string): string {
  const source = [...sources.values()].find((entry) => entry.name === name)
  if (source !== undefined) return `It is a source: write source('${source.schema}', '${source.name}').`
  const suggestion = nearest(name, relations.keys())
  return suggestion
    ? `Did you mean ref('${suggestion}')?`
    : `Create models/…/${name}.sql, or correct the name.`
}

/** The order that helps after source() of unknown names. */
export function hintForSource({ relations, sources }: ProjectIndex, schema: string, name: string): string {
  if (relations.has(name)) return `It is a model: write ref('${name}').`
  const suggestion = sources.get(nearest(`${schema}.${name}`, sources.keys()) ?? '')
  if (suggestion !== undefined) return `Did you mean source('${suggestion.schema}', '${suggestion.name}')?`
  return `Describe the table in models/bronze/${name}.yml.`
}
