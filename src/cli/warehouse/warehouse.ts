import { KxError } from '../../base/index.ts'
import { findProjectDirectory, readProject } from '../../runner/index.ts'
import type { Io } from '../shared/io.ts'
import { type GlobalOptions, targetOf } from '../shared/workspace.ts'
import {
  dropWarehouse,
  exportTables,
  printWarehouseUrl,
  showWarehouse,
  startWarehouse,
  stopWarehouse,
  type WarehouseIo,
} from './actions.ts'

/** `kx warehouse start|stop|status|url|export|drop`, on the target of the project. */
export async function warehouseCommand(
  io: Io,
  verb: 'start' | 'stop' | 'status' | 'url' | 'export' | 'drop',
  { options, args }: { options: GlobalOptions & { yes?: boolean }; args: readonly string[] },
): Promise<number> {
  const directory = findProjectDirectory(options.projectDir ?? io.cwd)
  const project = await readProject(directory, { env: io.env })
  const target = targetOf(project, io, options)
  const lines: WarehouseIo = {
    stdout: (text) => io.out(text.replace(/\n$/, '')),
    stderr: (text) => io.err(text.replace(/\n$/, '')),
    logFormat: io.logFormat,
  }
  switch (verb) {
    case 'start':
      return startWarehouse(target, lines, io.env)
    case 'stop':
      return stopWarehouse(target, lines, io.env)
    case 'status':
      return showWarehouse(target, lines, io.env)
    case 'url':
      return printWarehouseUrl(target, lines, io.env)
    case 'drop':
      return dropWarehouse(target, lines, { isConfirmed: options.yes ?? false, env: io.env })
    case 'export': {
      const [destination] = args
      if (destination === undefined) throw new KxError('KX_USAGE', 'export needs a directory')
      return exportTables(target, lines, { directory: destination, env: io.env })
    }
  }
}
