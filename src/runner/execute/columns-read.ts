import type { KnownRelation } from '../../warehouse/index.ts'
import type { Graph } from '../graph/index.ts'

/**
 * The columns of the tables and sources that a model reads, each of them once, through any number of views: a star
 * takes them all.
 */
export function columnsRead(
  graph: Graph,
  id: string,
  known: ReadonlyMap<string, KnownRelation>,
): readonly string[] {
  const seen = new Set<string>()
  const readBy = (child: string): readonly string[] =>
    graph.parents(child).flatMap((parent) => {
      // Views that read the same views are a way doubled at each layer.
      if (seen.has(parent)) return []
      seen.add(parent)
      const node = graph.nodes.get(parent)
      const isLookedThrough = node?.kind === 'model' && known.get(parent)?.kind !== 'table'
      if (isLookedThrough) return readBy(parent)
      const columns = node?.kind === 'source' ? node.contract.columns : known.get(parent)?.columns
      return [parent, ...(columns ?? []).map(({ name, type }) => `${name} ${type}`)]
    })
  return readBy(id)
}
