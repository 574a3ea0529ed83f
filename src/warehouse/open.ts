import { createConnector } from './connection/connect.ts'
import { inspect, prepareBehindPooler } from './connection/inspect.ts'
import { createPool, type Pool } from './connection/pool.ts'
import { readConnectionSettings } from './connection/settings.ts'
import { openEngine } from './engine/open-engine.ts'
import type { Target, Warehouse } from './warehouse.ts'

export interface OpenOptions {
  /** Most sessions at a time. */
  readonly poolSize: number
  /** Seen in pg_stat_activity: `kx run`. */
  readonly applicationName: string
  /** For `PG…` variables and the place of the embedded engine; the process's own by default. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/**
 * Opens a target's warehouse: connects to its server, or starts the embedded one if it does not run.
 *
 * The last kx to dispose its warehouse stops the embedded server, unless other clients are connected or
 * `kx warehouse start` pinned it.
 *
 * @throws {KxError} KX_WAREHOUSE_UNREACHABLE, KX_WAREHOUSE_VERSION, KX_WAREHOUSE_POOLED, KX_WAREHOUSE_START,
 * KX_TARGET_INVALID
 */
export async function openWarehouse(target: Target, options: OpenOptions): Promise<Warehouse> {
  return target.engine === 'server' ? openServer(target, options) : openEmbedded(target, options)
}

async function openServer(
  target: Target,
  { applicationName, env = process.env, poolSize }: OpenOptions,
): Promise<Warehouse> {
  const connector = createConnector(readConnectionSettings(target, env), applicationName)
  const connection = await connector.connect()
  const { serverMajor, processId, isBehindPooler } = await inspect(connection, connector)
  const prepare = isBehindPooler ? prepareBehindPooler : announcedProcessId
  const pool = createPool({ connector, size: poolSize, first: { connection, processId }, prepare })
  return warehouseOn(target, { serverMajor, pool, leave: async () => {} })
}

async function openEmbedded(
  target: Target,
  { applicationName, env = process.env, poolSize }: OpenOptions,
): Promise<Warehouse> {
  const engine = await openEngine(target, { applicationName, env })
  const { connector, first: connection } = engine
  const first = { connection, processId: connection.announcedProcessId }
  const pool = createPool({ connector, size: poolSize, first, prepare: announcedProcessId })
  return warehouseOn(target, { serverMajor: engine.serverMajor, pool, leave: engine.leave })
}

interface Parts {
  readonly serverMajor: number
  readonly pool: Pool
  /** Run when the pool is closed. */
  readonly leave: () => Promise<void>
}

function warehouseOn(target: Target, { serverMajor, pool, leave }: Parts): Warehouse {
  let end: Promise<void> | undefined
  return {
    target,
    serverMajor,
    query: (text, values) => pool.use((statements) => statements.query(text, values)),
    session: () => pool.session(),
    [Symbol.asyncDispose]: () => {
      end ??= close(pool, leave)
      return end
    },
  }
}

async function close(pool: Pool, leave: () => Promise<void>): Promise<void> {
  await pool[Symbol.asyncDispose]()
  await leave()
}

async function announcedProcessId(connection: { readonly announcedProcessId: number }): Promise<number> {
  return connection.announcedProcessId
}
