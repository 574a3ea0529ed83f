import { KxError, literal } from '../../base/index.ts'
import { type Connection, type Connector, sessionSettings } from './connect.ts'
import { statementError } from './errors.ts'
import { type ConnectionSettings, formatAddress } from './settings.ts'

/** The oldest PostgreSQL whose SQL kx speaks. */
const OLDEST_MAJOR = 15

/** What the first connection tells of a server. */
export interface Inspection {
  readonly serverMajor: number
  /** Of the server behind this connection. */
  readonly processId: number
  /** Whether something answers for the server that keeps one server session per connection. */
  readonly isBehindPooler: boolean
}

/**
 * Asks a server who it is, in one round trip when nothing stands in between.
 *
 * A pooler invents the process id that it announces. Those that keep a server session for each connection are
 * fine; those that hand it out per transaction are found out by changing places.
 *
 * @throws {KxError} KX_WAREHOUSE_VERSION, KX_WAREHOUSE_POOLED, KX_WAREHOUSE_UNREACHABLE
 */
export async function inspect(connection: Connection, connector: Connector): Promise<Inspection> {
  const { settings } = connector
  try {
    const { processId, versionNumber } = await ask(connection)
    const serverMajor = Math.floor(versionNumber / 10_000)
    if (serverMajor < OLDEST_MAJOR) throw versionError(serverMajor, settings)
    const isBehindPooler = processId !== connection.announcedProcessId || !connection.hasStartupSettings
    if (isBehindPooler && (await changesPlaces(connection, connector, processId))) throw pooledError(settings)
    if (isBehindPooler) await prepareBehindPooler(connection)
    return { serverMajor, processId, isBehindPooler }
  } catch (error) {
    await connection.close()
    throw statementError(error, settings)
  }
}

/** Sets what a pooler did not pass on, and gives the server's own process id. */
export async function prepareBehindPooler({ client }: Connection): Promise<number> {
  const sets = Object.entries(sessionSettings).map(
    ([name, value]) => `pg_catalog.set_config(${literal(name)}, ${literal(value)}, false)`,
  )
  const { rows } = await client.query<{ pid: number }>(
    `select pg_catalog.pg_backend_pid() as pid, ${sets.join(', ')}`,
  )
  return rows[0]?.pid ?? 0
}

async function ask({ client }: Connection): Promise<{ processId: number; versionNumber: number }> {
  const { rows } = await client.query<{ pid: number; version: number }>(
    `select pg_catalog.pg_backend_pid() as pid, pg_catalog.current_setting('server_version_num')::int4 as version`,
  )
  const [row] = rows
  if (!row) throw new Error('the server does not say its version')
  return { processId: row.pid, versionNumber: row.version }
}

/**
 * Whether the server session behind `connection` is another one from transaction to transaction, or is shared
 * with a second connection. A pool that hands out the last returned session gives it to the second connection;
 * one that goes round gives the first connection another.
 */
async function changesPlaces(connection: Connection, connector: Connector, first: number): Promise<boolean> {
  const again = await ask(connection)
  if (again.processId !== first) return true
  const other = await connector.connect()
  try {
    const theirs = await ask(other)
    const ours = await ask(connection)
    const theirsAgain = await ask(other)
    return (
      theirs.processId === first || ours.processId !== first || theirsAgain.processId !== theirs.processId
    )
  } finally {
    await other.close()
  }
}

function versionError(serverMajor: number, settings: ConnectionSettings): KxError {
  return new KxError('KX_WAREHOUSE_VERSION', `${formatAddress(settings)} is PostgreSQL ${serverMajor}`, {
    hint: `Use PostgreSQL ${OLDEST_MAJOR} or newer.`,
  })
}

function pooledError(settings: ConnectionSettings): KxError {
  return new KxError(
    'KX_WAREHOUSE_POOLED',
    `a transaction pooler answers at ${formatAddress(settings)}: locks of a session mean nothing there`,
    { hint: 'Connect to the server itself (often port 5432), or to a pooler in session mode.' },
  )
}
