import { randomBytes } from 'node:crypto'
import {
  chownSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { KxError } from '../../base/index.ts'
import { type Connection, createConnector } from '../connection/connect.ts'
import type { Target } from '../warehouse.ts'
import { ENGINE_VERSION } from './binaries.ts'
import { type EngineHome, findHome } from './home.ts'
import { KEEPER_NAME, pinFile, stopServer, tryLock } from './lease.ts'
import { engineSettings, openEngine } from './open-engine.ts'
import { isRoot } from './owner.ts'
import { isAlive, readPostmaster } from './postmaster.ts'

type Env = Readonly<Record<string, string | undefined>>

/** What is to be known of an embedded warehouse without starting it. */
export interface EngineStatus {
  readonly dataDirectory: string
  /** For psql; leads somewhere only while the server runs. */
  readonly url: string
  /** Whether there is a data directory. */
  readonly exists: boolean
  /** Of the running server; undefined when it does not run. */
  readonly processId: number | undefined
  /** Of the running server, or of the data directory. */
  readonly version: string
  readonly sizeBytes: number
  /** Who is connected, kx or not: application name, or `psql`. */
  readonly clients: readonly string[]
  readonly isPinned: boolean
}

/** What `stopEngine` did. `busy`: other kx are at work, and the last of them will stop it. */
export type StopResult = 'stopped' | 'not running' | 'busy'

/** Reads the state of a target's embedded warehouse. Never starts the server. */
export async function readEngineStatus(target: Target, env: Env): Promise<EngineStatus> {
  const home = findHome(target.projectDirectory, env)
  const postmaster = runningServer(home)
  const clients = postmaster ? await withServer(home, target, readClients) : []
  return {
    dataDirectory: home.dataDirectory,
    url: engineUrl(home),
    exists: existsSync(home.dataDirectory),
    processId: postmaster?.processId,
    version: postmaster ? ENGINE_VERSION : readMajor(home),
    sizeBytes: existsSync(home.dataDirectory) ? directorySize(home.dataDirectory) : 0,
    clients,
    isPinned: existsSync(pinFile(home)),
  }
}

/** Starts the embedded server if need be, and keeps it running until `stopEngine`. */
export async function pinEngine(target: Target, env: Env): Promise<EngineStatus> {
  const engine = await openEngine(target, { applicationName: 'kx warehouse start', env })
  const home = findHome(target.projectDirectory, env)
  writeFileSync(pinFile(home), '')
  if (isRoot()) chownSync(pinFile(home), home.owner.uid, home.owner.gid)
  await engine.first.close()
  await engine.leave()
  return readEngineStatus(target, env)
}

/** Lets the embedded server stop again, and stops it unless another kx is at work. Ends sessions of psql and BI. */
export async function stopEngine(target: Target, env: Env): Promise<StopResult> {
  const home = findHome(target.projectDirectory, env)
  rmSync(pinFile(home), { force: true })
  if (!runningServer(home)) return 'not running'
  return withServer(home, target, async (connection) => {
    if (!(await tryLock(connection))) return 'busy'
    await stopServer(home)
    return 'stopped'
  })
}

/**
 * Removes the data directory and all that is in it; gives its path, or undefined if there is none.
 *
 * @throws {KxError} KX_WAREHOUSE_BUSY while others are connected
 */
export async function dropEngine(target: Target, env: Env): Promise<string | undefined> {
  const home = findHome(target.projectDirectory, env)
  if (!existsSync(home.dataDirectory)) return undefined
  if (runningServer(home)) await withServer(home, target, (connection) => stopIfAlone(connection, home))
  // Out of the way in one step: a kx that starts now finds no directory, not half of one.
  const aside = `${home.dataDirectory}.dropped-${randomBytes(4).toString('hex')}`
  renameSync(home.dataDirectory, aside)
  rmSync(aside, { recursive: true, force: true })
  rmSync(home.socketDirectory, { recursive: true, force: true })
  return home.dataDirectory
}

async function stopIfAlone(connection: Connection, home: EngineHome): Promise<void> {
  const clients = await readClients(connection)
  if (clients.length > 0 || !(await tryLock(connection))) {
    throw new KxError('KX_WAREHOUSE_BUSY', `others are connected: ${clients.join(', ') || 'kx'}`, {
      hint: 'Close them first; kx warehouse status lists them.',
    })
  }
  await stopServer(home)
}

function runningServer({ dataDirectory }: EngineHome): { readonly processId: number } | undefined {
  const postmaster = readPostmaster(dataDirectory)
  return postmaster && isAlive(postmaster, dataDirectory) ? postmaster : undefined
}

async function withServer<T>(
  home: EngineHome,
  target: Target,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  // Under the keepers' name: asking must not keep a leaving kx from stopping the server.
  const connection = await createConnector(engineSettings(home, target.name), KEEPER_NAME).connect()
  try {
    return await work(connection)
  } finally {
    await connection.close()
  }
}

async function readClients({ client }: Connection): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select coalesce(nullif(application_name, ''), 'unnamed') || ' (' || pid || ')' as name
    from pg_catalog.pg_stat_activity
    where backend_type = 'client backend' and application_name <> '${KEEPER_NAME}'
    order by backend_start`,
  )
  return rows.map((row) => row.name)
}

function engineUrl({ socketDirectory }: EngineHome): string {
  const { user, database } = engineSettings({ socketDirectory }, '')
  return `postgresql:///${database}?host=${socketDirectory}&user=${user}`
}

function readMajor({ dataDirectory }: EngineHome): string {
  try {
    return readFileSync(join(dataDirectory, 'PG_VERSION'), 'utf8').trim()
  } catch {
    return ENGINE_VERSION
  }
}

function directorySize(directory: string): number {
  let bytes = 0
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    // A running server removes files while they are counted.
    if (entry.isDirectory()) bytes += existsSync(path) ? directorySize(path) : 0
    else bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0
  }
  return bytes
}
