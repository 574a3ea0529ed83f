import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { isRunning } from '../base/index.ts'
import { type EngineHome, findHome } from '../warehouse/engine/home.ts'
import { stopServer } from '../warehouse/engine/lease.ts'
import { engineSettings } from '../warehouse/engine/open-engine.ts'
import { startServer } from '../warehouse/engine/start.ts'
import { migrateLedger, openWarehouse, type Target, type Warehouse } from '../warehouse/index.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Connection of the server that tests use, to its maintenance database. */
    kxTestServer: Readonly<Record<string, string>>
    /** The database that every test's own is cloned from. */
    kxTestTemplate: string
    /** A directory that goes away with the run. */
    kxTestDirectory: string
  }
}

/** Where servers of test runs live; the number is the run's process. */
const DIRECTORY = '/tmp'
const PREFIX = 'kx-test-'

/**
 * Gives a test run its server: the one of `KX_TEST_DATABASE_URL`, or an embedded one of its own that goes away
 * with the run. Tests get their databases from `aDatabase` and `aWarehouse`.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const url = process.env.KX_TEST_DATABASE_URL
  await removeOrphans()
  const directory = mkdtempSync(join(DIRECTORY, `${PREFIX}${process.pid}-`))
  // The server's own user must be able to walk in when the tests run as root.
  chmodSync(directory, 0o755)
  const server = url ? { connection: { url }, stop: async () => {} } : await startTestServer(directory)
  const template = `kx_test_template_${process.pid}`
  await makeTemplate(server.connection, template)
  project.provide('kxTestServer', server.connection)
  project.provide('kxTestTemplate', template)
  project.provide('kxTestDirectory', directory)
  return async () => {
    if (url) await administrate(server.connection, `drop database if exists "${template}" with (force)`)
    await (await administrator)?.[Symbol.asyncDispose]()
    await server.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

let administrator: Promise<Warehouse> | undefined

/** Runs one statement in the maintenance database of a server, on a connection that lasts as long as the worker. */
export async function administrate(connection: Target['connection'], sql: string): Promise<void> {
  administrator ??= openWarehouse(serverTarget(connection), { poolSize: 1, applicationName: 'kx test setup' })
  await (await administrator).query(sql)
}

/** A target on a server, without prefixes. */
export function serverTarget(connection: Target['connection']): Target {
  return {
    name: 'test',
    engine: 'server',
    schemaPrefix: '',
    sourcePrefix: '',
    connection,
    projectDirectory: process.cwd(),
  }
}

/** `connection`, but to another database of the same server. */
export function toDatabase(connection: Target['connection'], database: string): Target['connection'] {
  if (connection.url === undefined) return { ...connection, dbname: database }
  // URL knows no url with a user and no host: postgres://postgres@/postgres?host=/run/postgresql
  return { ...connection, url: connection.url.replace(/^(\w+:\/\/[^/?]*)(\/[^?]*)?/, `$1/${database}`) }
}

interface TestServer {
  readonly connection: Target['connection']
  stop(): Promise<void>
}

async function startTestServer(directory: string): Promise<TestServer> {
  const home = findHome(directory, process.env)
  // With a log as on a usual server a database is cloned in 25 ms, with the embedded one's in 200.
  const wal = { wal_level: 'replica', full_page_writes: 'off' }
  await startServer(home, { fsync: 'off', max_connections: '200', ...wal })
  const { host, user, database } = engineSettings(home, 'test')
  return { connection: { host, port: '5432', user, dbname: database }, stop: () => stopAndForget(home) }
}

/** Ends servers of runs that were killed. */
async function removeOrphans(): Promise<void> {
  for (const name of readdirSync(DIRECTORY)) {
    const run = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]
    if (run === undefined || isRunning(Number(run))) continue
    const directory = join(DIRECTORY, name)
    try {
      await stopAndForget(findHome(directory, process.env))
      rmSync(directory, { recursive: true, force: true })
    } catch {
      // Another user's, who will remove it.
    }
  }
}

async function stopAndForget(home: EngineHome): Promise<void> {
  await stopServer(home)
  rmSync(home.socketDirectory, { recursive: true, force: true })
}

async function makeTemplate(connection: Target['connection'], template: string): Promise<void> {
  await administrate(connection, `create database "${template}"`)
  const target = serverTarget(toDatabase(connection, template))
  await using warehouse = await openWarehouse(target, { poolSize: 1, applicationName: 'kx test setup' })
  await migrateLedger(warehouse, 'kx')
}
