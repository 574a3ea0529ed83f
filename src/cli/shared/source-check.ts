import { KxError, partitionKey } from '../../base/index.ts'
import { relationName } from '../../runner/index.ts'
import { type CountedTable, findShrunkSource, type ShrunkHour } from '../../warehouse/index.ts'
import type { OpenWorkspace } from './workspace.ts'

/** Hours that an error names. */
const TOLD_HOURS = 3

/**
 * Stops a command whose models read a source that lost rows behind the ledger's back: building on, or calling
 * everything current, would both be wrong.
 *
 * @throws {KxError} KX_SOURCE_SHRUNK
 */
export async function refuseShrunkSources(
  { warehouse, graph, target }: OpenWorkspace,
  selected: ReadonlySet<string>,
): Promise<void> {
  const tables = [...graph.ancestors(selected)].flatMap((id): CountedTable[] => {
    const node = graph.nodes.get(id)
    if (node?.kind !== 'source' || node.contract.timeColumn === undefined) return []
    return [{ relation: id, table: relationName(node, target), timeColumn: node.contract.timeColumn }]
  })
  const shrunk = await findShrunkSource(warehouse, tables)
  if (shrunk === undefined) return
  const { relation, hours } = shrunk
  throw new KxError('KX_SOURCE_SHRUNK', `${relation} has ${tell(hours)}`, {
    hint: 'Load the missing rows again (kx load --again FILE), or retire them with kx prune.',
    at: { file: graph.nodes.get(relation)?.file ?? relation },
  })
}

function tell(hours: readonly ShrunkHour[]): string {
  const told = hours
    .slice(0, TOLD_HOURS)
    .map(
      ({ hourMs, rows, expected }) => `${rows} rows in ${partitionKey(hourMs)}, its ledger says ${expected}`,
    )
  const more = hours.length - told.length
  return told.join('; ') + (more > 0 ? `; and too few in ${more} more` : '')
}
