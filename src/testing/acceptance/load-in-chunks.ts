import { resolve } from 'node:path'
import type { Io } from '../../cli/shared/io.ts'
import { sourceTables } from '../../cli/shared/source-tables.ts'
import { openWarehouseOf, openWorkspace } from '../../cli/shared/workspace.ts'
import { loadFiles } from '../../collector/load/index.ts'

/** `kx load` with transactions of `chunkRows` rows, so that a small file takes several. */
export async function loadInChunks(
  io: Io,
  paths: readonly string[],
  { target, chunkRows }: { readonly target: string; readonly chunkRows: number },
): Promise<number> {
  const workspace = await openWorkspace(io, { target })
  await using open = await openWarehouseOf(workspace, io, { command: 'load', threads: 1 })
  const { warehouse, project } = open
  const stateDirectory = resolve(project.directory, '.kx')
  const options = { directory: io.cwd, stateDirectory, nowMs: io.clock.now(), chunkRows }
  for await (const event of loadFiles({
    warehouse,
    tables: sourceTables(workspace.graph),
    instruments: project.instruments,
    paths,
    options,
  })) {
    if (event.type === 'file-failed') throw event.error
    if (event.type !== 'progress') io.out(event.type)
  }
  return 0
}
