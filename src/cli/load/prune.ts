import { KxError, parseTimeRange } from '../../base/index.ts'
import type { Io } from '../shared/io.ts'
import { sourceTables } from '../shared/source-tables.ts'
import { type GlobalOptions, openWarehouseOf, openWorkspace } from '../shared/workspace.ts'
import { commandIo } from './io.ts'
import { pruneCommand as pruneTables } from './prune-command.ts'

/** Options of `kx prune`. */
export interface PruneOptions extends GlobalOptions {
  readonly before?: string
  readonly yes?: boolean
}

/** `kx prune --before HOUR --yes`: retires old bronze rows; what was built from them stays, frozen. */
export async function pruneCommand(io: Io, options: PruneOptions): Promise<number> {
  const beforeMs = parseTimeRange(options.before ?? '').startMs
  const workspace = await openWorkspace(io, options)
  if (!options.yes) {
    throw new KxError('KX_CONFIRM', `this deletes all bronze rows before ${options.before} for good`, {
      hint: 'Add --yes to go on; landing files can bring them back with kx load --again.',
    })
  }
  const withTime = new Set(
    [...workspace.graph.nodes.values()].flatMap((node) =>
      node.kind === 'source' && node.contract.timeColumn !== undefined ? [node.id] : [],
    ),
  )
  const tables = sourceTables(workspace.graph).filter(({ schema, name }) => withTime.has(`${schema}.${name}`))
  await using open = await openWarehouseOf(workspace, io, { command: 'prune', threads: 1 })
  return await pruneTables(
    { warehouse: open.warehouse, tables, beforeMs, logFormat: io.logFormat },
    commandIo(io),
  )
}
