import { setTimeout as sleep } from 'node:timers/promises'
import { isKxError, KxError } from '../../base/index.ts'
import { type Connection, type Connector, createConnector } from '../connection/connect.ts'
import type { ConnectionSettings } from '../connection/settings.ts'
import { SqlError } from '../session.ts'
import type { Target } from '../warehouse.ts'
import { ENGINE_MAJOR } from './binaries.ts'
import { type EngineHome, findHome } from './home.ts'
import { ENGINE_USER } from './initialize.ts'
import { joinServer, KEEPER_NAME, leaveServer } from './lease.ts'
import { isAlive, readPostmaster } from './postmaster.ts'
import { LOOK_EVERY_MS, lockFile, logFile, startServer } from './start.ts'

type Env = Readonly<Record<string, string | undefined>>

/** An embedded server that runs at least until `leave`. */
export interface Engine {
  readonly connector: Connector
  /** Opened already. */
  readonly first: Connection
  readonly serverMajor: number
  /** Stops the server if nobody else needs it. */
  leave(): Promise<void>
}

/** How long a server that is just starting or stopping is waited for, ms. */
const PATIENCE_MS = 10_000

/**
 * Joins the embedded server of a target's project, starting it if it does not run.
 *
 * @throws {KxError} KX_WAREHOUSE_START, KX_WAREHOUSE_VERSION, KX_WAREHOUSE_UNREACHABLE
 */
export async function openEngine(
  target: Target,
  { applicationName, env }: { readonly applicationName: string; readonly env: Env },
): Promise<Engine> {
  const home = findHome(target.projectDirectory, env)
  const settings = engineSettings(home, target.name)
  const keeping = createConnector(settings, KEEPER_NAME)
  const connector = createConnector(settings, applicationName)
  const deadline = Date.now() + PATIENCE_MS
  // Without a pid file there is nobody to ask.
  if (readPostmaster(home.dataDirectory) === undefined) await startServer(home)
  for (;;) {
    try {
      return await join(home, keeping, connector)
    } catch (error) {
      if (!isPassing(error)) throw error
      if (Date.now() > deadline && !isRecovering(home)) throw tooLate(home, error)
      if (isNoServer(error)) await startServer(home)
      else await sleep(LOOK_EVERY_MS)
    }
  }
}

/** How to connect to the embedded server. */
export function engineSettings(
  { socketDirectory }: Pick<EngineHome, 'socketDirectory'>,
  targetName: string,
): ConnectionSettings {
  return {
    targetName,
    host: socketDirectory,
    port: 5432,
    user: ENGINE_USER,
    password: undefined,
    database: 'postgres',
    options: undefined,
    connectTimeoutMs: PATIENCE_MS,
    tls: { mode: 'disable', rootCertificate: undefined, certificate: undefined, key: undefined },
  }
}

/**
 * A server that begins to stop lets its locks go, so the lock alone proves nothing. With the pid file it does: a server
 * writes there that it stops before it ends any session. So both connections are made side by side.
 */
async function join(home: EngineHome, keeping: Connector, connector: Connector): Promise<Engine> {
  const [keeper, first] = await bothOf(keeping, connector)
  try {
    await joinServer(keeper, keeping.settings)
    if (readPostmaster(home.dataDirectory)?.status !== 'ready') throw stopping()
    return { connector, first, serverMajor: ENGINE_MAJOR, leave: () => leaveServer(keeper, home) }
  } catch (error) {
    await Promise.all([keeper.close(), first.close()])
    throw error
  }
}

/** Two connections or none. */
async function bothOf(keeping: Connector, connector: Connector): Promise<[Connection, Connection]> {
  const [keeper, first] = await Promise.allSettled([keeping.connect(), connector.connect()])
  if (keeper.status === 'fulfilled' && first.status === 'fulfilled') return [keeper.value, first.value]
  for (const made of [keeper, first]) if (made.status === 'fulfilled') await made.value.close()
  throw keeper.status === 'rejected' ? keeper.reason : (first as PromiseRejectedResult).reason
}

function stopping(): KxError {
  return new KxError('KX_WAREHOUSE_UNREACHABLE', 'the embedded server is stopping', { hint: 'Try again.' })
}

/**
 * Whether `error` says that the server does not run, has begun to start or is about to stop: a login that a stop
 * interrupts is called cancelled (57014).
 */
function isPassing(error: unknown): boolean {
  if (!isKxError(error, 'KX_WAREHOUSE_UNREACHABLE')) return false
  const { cause } = error
  return cause instanceof SqlError ? cause.sqlstate.startsWith('57') : true
}

/** Whether a server is there and repairs what a crash left: that takes as long as it takes. */
function isRecovering({ dataDirectory }: EngineHome): boolean {
  const postmaster = readPostmaster(dataDirectory)
  return postmaster?.status === 'starting' && isAlive(postmaster, dataDirectory)
}

function isNoServer(error: unknown): boolean {
  return isKxError(error) && /ENOENT|ECONNREFUSED/.test(error.message)
}

function tooLate(home: EngineHome, cause: unknown): KxError {
  return new KxError('KX_WAREHOUSE_START', `PostgreSQL in ${home.dataDirectory} does not take connections`, {
    hint: `Look into ${logFile(home)}; a server in another container may hold ${lockFile(home)}.`,
    cause,
  })
}
