import pg from 'pg'
import { connectError, isDatabaseError } from './errors.ts'
import type { ConnectionSettings } from './settings.ts'
import { type TlsAttempt, tlsAttempts } from './tls.ts'
import { typedParsers } from './types.ts'

/** What every session of kx has set, whatever the server's or role's own defaults are. */
export const sessionSettings: Readonly<Record<string, string>> = {
  timezone: 'UTC',
  datestyle: 'ISO',
  search_path: '',
  work_mem: '64MB',
}

/** Opens connections with one set of settings, and remembers what the server took the first time. */
export interface Connector {
  readonly settings: ConnectionSettings
  /** @throws {KxError} KX_WAREHOUSE_UNREACHABLE */
  connect(): Promise<Connection>
}

/** One connection to Postgres. */
export interface Connection {
  readonly client: pg.Client
  /** From the start of the connection; a pooler invents it. */
  readonly announcedProcessId: number
  /** Whether the session settings went with the startup message; a pooler may refuse them. */
  readonly hasStartupSettings: boolean
  isBroken(): boolean
  /** Says goodbye and waits until the server has closed the connection. */
  close(): Promise<void>
}

/** Makes a Connector. Nothing is opened yet. */
export function createConnector(settings: ConnectionSettings, applicationName: string): Connector {
  let known: Attempt | undefined
  return {
    settings,
    connect: async () => {
      const attempts = known ? [known] : firstAttempts(settings)
      let failure: unknown
      for (let attempt = attempts.shift(); attempt; attempt = attempts.shift()) {
        try {
          const connection = await openConnection(settings, applicationName, attempt)
          known = attempt
          return connection
        } catch (error) {
          failure = error
          if (!known && isStartupRefused(error) && attempt.hasStartupSettings) {
            attempts.unshift({ ...attempt, hasStartupSettings: false })
          } else if (!isOtherEncryptionWorthTrying(error)) break
        }
      }
      throw connectError(failure, settings)
    },
  }
}

interface Attempt {
  readonly tls: TlsAttempt
  readonly hasStartupSettings: boolean
}

function firstAttempts(settings: ConnectionSettings): Attempt[] {
  return tlsAttempts(settings).map((tls) => ({ tls, hasStartupSettings: true }))
}

async function openConnection(
  settings: ConnectionSettings,
  applicationName: string,
  { tls, hasStartupSettings }: Attempt,
): Promise<Connection> {
  const { host, port, user, database, password } = settings
  const client = new pg.Client({
    host,
    port,
    user,
    database,
    // A function, for otherwise pg looks for passwords of its own.
    password: () => password ?? '',
    ssl: tls,
    application_name: applicationName,
    options: startupOptions(settings),
    connectionTimeoutMillis: settings.connectTimeoutMs,
    keepAlive: true,
    types: typedParsers,
  })
  // Given no options, pg takes PGOPTIONS.
  if (!hasStartupSettings) internalsOf(client).connectionParameters.options = undefined
  let isBroken = false
  // A connection that breaks while idle says so here only; whoever uses it next is told by isBroken.
  client.on('error', () => {
    isBroken = true
  })
  client.on('end', () => {
    isBroken = true
  })
  const startedMs = performance.now()
  try {
    await client.connect()
  } catch (error) {
    client.end().catch(() => {})
    const isLate =
      performance.now() - startedMs >= settings.connectTimeoutMs - 5 && settings.connectTimeoutMs > 0
    throw isLate ? new Error(`no answer within ${settings.connectTimeoutMs / 1000} s`) : error
  }
  return {
    client,
    announcedProcessId: internalsOf(client).processID ?? 0,
    hasStartupSettings,
    isBroken: () => isBroken,
    close: () => client.end().catch(() => {}),
  }
}

function startupOptions({ options }: ConnectionSettings): string {
  const own = Object.entries(sessionSettings).map(([name, value]) => `-c ${name}=${value}`)
  return [options, ...own].filter(Boolean).join(' ')
}

/** A pooler between kx and the server takes only the startup settings that it knows. */
function isStartupRefused(error: unknown): boolean {
  return isDatabaseError(error) && error.code === '08P01' && /startup parameter/.test(error.message)
}

/** As in libpq: no encryption on offer, or pg_hba.conf refuses this kind. */
function isOtherEncryptionWorthTrying(error: unknown): boolean {
  if (isDatabaseError(error)) return error.code === '28000'
  return error instanceof Error && /SSL|TLS/i.test(error.message)
}

/** What pg keeps of a connection and its types do not say. */
interface Internals {
  readonly processID: number | null
  readonly connectionParameters: { options: string | undefined }
}

function internalsOf(client: pg.Client): Internals {
  return client as unknown as Internals
}
