import { hashText } from '../../base/index.ts'
import { syncInstruments } from '../../collector/instruments/index.ts'
import type { Graph, Project } from '../../runner/index.ts'
import {
  ensureSourceTables,
  type LedgerStart,
  rememberContracts,
  type Warehouse,
} from '../../warehouse/index.ts'
import { sourceTables } from './source-tables.ts'

/** Brings bronze to its contracts and the instruments to project.yml; asks nothing when the ledger says both are. */
export async function prepareSources(
  warehouse: Warehouse,
  { graph, project }: { graph: Graph; project: Project },
  { sources }: Pick<LedgerStart, 'sources'>,
): Promise<void> {
  const tables = sourceTables(graph)
  const hashes = new Map(
    tables.map((table) => [`${table.schema}.${table.name}`, hashText(JSON.stringify(table))]),
  )
  const isSame = [...hashes].every(([relation, hash]) => {
    const known = sources.get(relation)
    return known?.isThere === true && known.contractHash === hash
  })
  if (!isSame) {
    await ensureSourceTables(warehouse, tables)
    await rememberContracts(warehouse, warehouse.target, hashes)
  }
  const instrument = tables.find(({ schema, name }) => schema === 'bronze' && name === 'instrument')
  if (instrument === undefined) return
  const knownHash = isSame ? sources.get('bronze.instrument')?.contentHash : undefined
  await syncInstruments(warehouse, instrument, project.instruments, knownHash ?? undefined)
}
