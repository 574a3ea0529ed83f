import { syncInstruments } from '../../collector/index.ts'
import { ensureSourceTables, type Warehouse } from '../../warehouse/index.ts'
import { sourceTables, type Workspace } from './workspace.ts'

/** Brings bronze to its contracts and the instruments to project.yml; two small queries when both are. */
export async function prepareSources(warehouse: Warehouse, workspace: Workspace): Promise<void> {
  const tables = sourceTables(workspace.graph)
  await ensureSourceTables(warehouse, tables)
  const instrument = tables.find(({ schema, name }) => schema === 'bronze' && name === 'instrument')
  if (instrument !== undefined) await syncInstruments(warehouse, instrument, workspace.project.instruments)
}
