import { KxError } from '../../base/index.ts'
import { type Graph, type Naming, type Resolve, relationOf } from '../../runner/index.ts'

/** Finds the relation behind each input. */
export function resolverFor(graph: Graph, naming: Naming): Resolve {
  return (edge) => {
    const node = graph.nodes.get(edge.parent)
    if (node === undefined || node.kind === 'test') {
      throw new KxError('KX_REF_UNKNOWN', `'${edge.parent}' is not in the project`)
    }
    return relationOf(node, naming)
  }
}
