import { hashText } from '../../base/index.ts'
import { syncInstruments } from '../../collector/instruments/index.ts'
import {
  ensureSourceTables,
  type LedgerStart,
  rememberContracts,
  type Warehouse,
} from '../../warehouse/index.ts'
import { sourceTables, type Workspace } from './workspace.ts'

/** Brings bronze to its contracts and the instruments to project.yml; asks nothing when the ledger says both are. */
export async function prepareSources(
  warehouse: Warehouse,
  workspace: Workspace,
  { sources }: Pick<LedgerStart, 'sources'>,
): Promise<void> {
  const tables = sourceTables(workspace.graph)
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
  await syncInstruments(warehouse, instrument, workspace.project.instruments, knownHash ?? undefined)
}
