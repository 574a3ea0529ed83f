import { KxError } from '../../base/index.ts'
import {
  describeServer,
  dropEngine,
  exportWarehouse,
  openWarehouse,
  pinEngine,
  readEngineStatus,
  stopEngine,
  type Target,
} from '../../warehouse/index.ts'
import { eventLine } from '../shared/json-event.ts'
import { embeddedStatus, serverStatus, statusLines } from './status-lines.ts'

/** Where a command writes: results to stdout, talk to stderr. */
export interface WarehouseIo {
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  readonly logFormat?: 'text' | 'json'
}

type Env = Readonly<Record<string, string | undefined>>

/** `kx warehouse start`: starts the embedded server and keeps it running until `stop`. Gives the exit code. */
export async function startWarehouse(
  target: Target,
  io: WarehouseIo,
  env: Env = process.env,
): Promise<number> {
  onlyEmbedded(target, 'start')
  const { url } = await pinEngine(target, env)
  io.stderr('The server runs until kx warehouse stop.\n')
  io.stdout(`${url}\n`)
  return 0
}

/** `kx warehouse stop`: takes back `start`; the server stops now, or with the last kx at work. */
export async function stopWarehouse(
  target: Target,
  io: WarehouseIo,
  env: Env = process.env,
): Promise<number> {
  onlyEmbedded(target, 'stop')
  const said = {
    stopped: 'The server has stopped.\n',
    'not running': 'The server does not run.\n',
    busy: 'Another kx is at work; the server stops when the last one is done.\n',
  }
  io.stderr(said[await stopEngine(target, env)])
  return 0
}

/** `kx warehouse status`: where the warehouse is, and what runs there. Never starts it. */
export async function showWarehouse(
  target: Target,
  io: WarehouseIo,
  env: Env = process.env,
): Promise<number> {
  const status =
    target.engine === 'embedded'
      ? embeddedStatus(await readEngineStatus(target, env))
      : await serverStatus(target, env)
  const lines = io.logFormat === 'json' ? [eventLine('warehouse', status)] : statusLines(status)
  io.stdout(lines.map((line) => `${line}\n`).join(''))
  return 0
}

/** `kx warehouse url`: a url for psql, without a password. */
export async function printWarehouseUrl(
  target: Target,
  io: WarehouseIo,
  env: Env = process.env,
): Promise<number> {
  if (target.engine === 'server') {
    io.stdout(`${describeServer(target, env).url}\n`)
    return 0
  }
  const { url, processId } = await readEngineStatus(target, env)
  if (processId === undefined)
    io.stderr('The server does not run now; kx warehouse start keeps it running.\n')
  io.stdout(`${url}\n`)
  return 0
}

/** `kx warehouse export DIRECTORY`: every table as CSV, with a manifest. */
export async function exportTables(
  target: Target,
  io: WarehouseIo,
  { directory, env = process.env }: { readonly directory: string; readonly env?: Env },
): Promise<number> {
  await using warehouse = await openWarehouse(target, {
    poolSize: 1,
    applicationName: 'kx warehouse export',
    env,
  })
  for await (const { schema, name, rows, file } of exportWarehouse(warehouse, directory)) {
    io.stderr(`${`${schema}.${name}`.padEnd(40)} ${String(rows).padStart(12)} rows  ${file}\n`)
  }
  io.stdout(`${directory}\n`)
  return 0
}

/**
 * `kx warehouse drop --yes`: removes the embedded warehouse and everything in it.
 *
 * @throws {KxError} KX_CONFIRM without `--yes`; KX_WAREHOUSE_BUSY while others are connected
 */
export async function dropWarehouse(
  target: Target,
  io: WarehouseIo,
  { isConfirmed, env = process.env }: { readonly isConfirmed: boolean; readonly env?: Env },
): Promise<number> {
  onlyEmbedded(target, 'drop')
  const { dataDirectory, exists } = await readEngineStatus(target, env)
  if (exists && !isConfirmed) {
    throw new KxError('KX_CONFIRM', `this removes ${dataDirectory} and every table in it`, {
      hint: 'Say --yes to go on.',
    })
  }
  const dropped = await dropEngine(target, env)
  io.stderr(dropped ? `Removed ${dropped}.\n` : `There is no warehouse in ${dataDirectory}.\n`)
  return 0
}

function onlyEmbedded({ engine, name }: Target, command: string): void {
  if (engine === 'embedded') return
  throw new KxError(
    'KX_USAGE',
    `target '${name}' is a server: kx warehouse ${command} is for embedded ones`,
    {
      hint: `Ask whoever runs the server to ${command} it, or choose an embedded target with --target.`,
    },
  )
}
