import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { isRunning } from '../../base/index.ts'
import type { Connection } from '../connection/connect.ts'
import { statementError } from '../connection/errors.ts'
import type { ConnectionSettings } from '../connection/settings.ts'
import type { EngineHome } from './home.ts'
import { isAlive, readPostmaster } from './postmaster.ts'

/** Held shared by every kx that uses the server, and alone by the one that stops it. */
const KEEP_LOCK = 7_091_842_114

/** Seen in pg_stat_activity for the connection that holds it. */
export const KEEPER_NAME = 'kx keeps the server'

/** How often a stopping server is looked at, ms. */
const LOOK_EVERY_MS = 2

/** Forbids stopping the server while it exists. */
export function pinFile({ dataDirectory }: EngineHome): string {
  return join(dataDirectory, 'kx-pinned')
}

/** Counts this process among those that use the server; waits for one that is deciding to stop it. */
export async function joinServer({ client }: Connection, settings: ConnectionSettings): Promise<void> {
  try {
    await client.query(`select pg_catalog.pg_advisory_lock_shared(${KEEP_LOCK})`)
  } catch (error) {
    throw statementError(error, settings)
  }
}

/**
 * Ends this process's use of the server, and stops the server if no other kx uses it, no other client is
 * connected and nothing pins it. Never throws: a server left running is stopped by the next kx.
 */
export async function leaveServer(keeper: Connection, home: EngineHome): Promise<void> {
  const isLast = !keeper.isBroken() && (await tryAlone(keeper))
  if (isLast && !existsSync(pinFile(home))) await stopServer(home).catch(() => {})
  // Only now: the lock is what keeps others from joining a server that is about to stop.
  await keeper.close()
}

/** Whether no kx uses the server; if so, none can join it until the connection closes. */
export async function tryLock({ client }: Connection): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    `select pg_catalog.pg_try_advisory_lock(${KEEP_LOCK}) as locked`,
  )
  return rows[0]?.locked === true
}

/** Tells the server to end its sessions, write everything down and stop; waits until it has. */
export async function stopServer({ dataDirectory }: EngineHome): Promise<void> {
  const postmaster = readPostmaster(dataDirectory)
  if (!postmaster || !isAlive(postmaster, dataDirectory)) return
  process.kill(postmaster.processId, 'SIGINT')
  while (readPostmaster(dataDirectory)?.processId === postmaster.processId) {
    if (!isRunning(postmaster.processId)) return
    await sleep(LOOK_EVERY_MS)
  }
}

/**
 * Whether this process, its own share given up, is alone with the server. Other keepers do not count: they
 * hold the lock, or are leaving too, or have yet to join and will find the server stopped.
 */
async function tryAlone({ client }: Connection): Promise<boolean> {
  try {
    const results: unknown = await client.query(
      `select pg_catalog.pg_advisory_unlock_shared(${KEEP_LOCK});
      select pg_catalog.pg_try_advisory_lock(${KEEP_LOCK}) and not exists (
          select from pg_catalog.pg_stat_activity
          where backend_type = 'client backend' and application_name <> '${KEEPER_NAME}'
      ) as alone`,
    )
    // Two statements have two results, which the types of pg do not say.
    const [, alone] = results as pg.QueryResult<{ alone: boolean }>[]
    return alone?.rows[0]?.alone === true
  } catch {
    return false
  }
}
