import type { Graph } from './graph.ts'

/**
 * What models were called before, by their id now: `renamed_from` in config, a name in the same schema or
 * `schema.name`. A name that another model bears by now is nobody's old one.
 */
export function renamesOf({ nodes }: Pick<Graph, 'nodes'>): ReadonlyMap<string, string> {
  const renames = new Map<string, string>()
  for (const node of nodes.values()) {
    if (node.kind !== 'model' || node.config.renamedFrom === undefined) continue
    const { renamedFrom } = node.config
    const oldId = renamedFrom.includes('.') ? renamedFrom : `${node.schema}.${renamedFrom}`
    if (!nodes.has(oldId)) renames.set(node.id, oldId)
  }
  return renames
}
