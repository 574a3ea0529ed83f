import { resolve } from 'node:path'
import { KxError } from '../../base/index.ts'
import type { FormatName } from '../../collector/load/index.ts'
import { bronzeTables, formatNames, loadFiles } from '../../collector/load/index.ts'
import type { SourceTable } from '../../warehouse/index.ts'
import type { Io } from '../shared/io.ts'
import { sourceTables } from '../shared/source-tables.ts'
import { type GlobalOptions, openWarehouseOf, openWorkspace, type Workspace } from '../shared/workspace.ts'
import { isInStore, loadFromStore } from './from-store.ts'
import { commandIo } from './io.ts'
import { type LoadCommand, loadCommand as load } from './load-command.ts'

/** Options of `kx load`. */
export interface LoadCommandOptions extends GlobalOptions {
  readonly format?: string
  readonly exchange?: string
  readonly symbol?: string
  readonly quote?: string
  readonly nativeSymbol?: string
  readonly complete?: boolean
  readonly again?: boolean
  readonly failOnBadLines?: boolean
  readonly partition?: string
}

/** `kx load PATH…`: brings market data into bronze, each line once. Gives the exit code. */
export async function loadCommand(
  io: Io,
  paths: readonly string[],
  options: LoadCommandOptions,
): Promise<number> {
  const connect = { command: 'load', threads: 1 }
  await using workspace = await openWorkspace(io, options, { isWithoutTests: true, connect })
  const tables = loadableTables(workspace)
  await using open = await openWarehouseOf(workspace, io, { command: 'load', threads: 1 })
  const events = eventsOf(paths, workspace, options.partition)
  return await load(
    {
      events,
      warehouse: open.warehouse,
      tables,
      instruments: open.project.instruments,
      paths,
      options: {
        directory: io.cwd,
        projectDirectory: open.project.directory,
        stateDirectory: resolve(open.project.directory, '.kx'),
        nowMs: io.clock.now(),
        format: formatOf(options.format),
        exchange: options.exchange,
        symbol: options.symbol,
        quote: options.quote,
        nativeSymbol: options.nativeSymbol,
        isComplete: options.complete ?? false,
        isAgain: options.again ?? false,
      },
      logFormat: io.logFormat,
      failsOnBadLines: options.failOnBadLines ?? false,
      signal: io.signal,
    },
    commandIo(io),
  )
}

/** How the paths are loaded: from the disk, or from a bucket. */
function eventsOf(
  paths: readonly string[],
  { project }: Workspace,
  hours: string | undefined,
): LoadCommand['events'] {
  if (paths.some(isInStore)) return (input) => loadFromStore({ input, collect: project.collect, hours })
  if (hours === undefined) return loadFiles
  throw new KxError('KX_USAGE', '--partition chooses among the parts of a bucket', {
    hint: 'Name the folders of the hours instead, or load from s3://bucket/prefix.',
  })
}

function loadableTables({ graph }: Workspace): SourceTable[] {
  const tables = sourceTables(graph)
  if (Object.keys(bronzeTables(tables)).length > 0) return tables
  throw new KxError(
    'KX_CONTRACT_INVALID',
    'the project declares no bronze.ohlcv_native to load candles into',
    {
      hint: 'Add its contract as models/bronze/ohlcv_native.yml.',
    },
  )
}

function formatOf(name: string | undefined): FormatName | undefined {
  const format = formatNames.find((known) => known === name)
  if (name === undefined || format !== undefined) return format
  throw new KxError('KX_USAGE', `--format ${name} is not known`, {
    hint: `Choose one of: ${formatNames.join(', ')}.`,
  })
}
