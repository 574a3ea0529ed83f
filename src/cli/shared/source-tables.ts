import type { Graph, Source } from '../../runner/index.ts'
import type { SourceTable } from '../../warehouse/index.ts'

/** The bronze tables of a project, as the collector and the warehouse need them. */
export function sourceTables(graph: Graph): SourceTable[] {
  return [...graph.nodes.values()]
    .filter((node): node is Source => node.kind === 'source')
    .map(({ schema, name, contract }) => ({
      schema,
      name,
      columns: contract.columns,
      keyOrder: contract.keyOrder,
    }))
}
