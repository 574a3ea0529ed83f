import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { KxError } from '../../base/index.ts'
import type { Target } from '../warehouse.ts'
import { readPassfile } from './passfile.ts'

/** Where to connect and as whom, every default filled in. Holds a password: never print it. */
export interface ConnectionSettings {
  /** Name of the target, for messages. */
  readonly targetName: string
  /** A host name, an address or the absolute directory of a Unix socket. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string | undefined
  readonly database: string
  /** More server settings of the user's own, in the form of `PGOPTIONS`. */
  readonly options: string | undefined
  readonly connectTimeoutMs: number
  readonly tls: TlsSettings
}

/** The `ssl*` names of libpq, as they were given. */
interface TlsSettings {
  readonly mode: TlsMode
  readonly rootCertificate: string | undefined
  readonly certificate: string | undefined
  readonly key: string | undefined
}

const tlsModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
type TlsMode = (typeof tlsModes)[number]

type Env = Readonly<Record<string, string | undefined>>

const DEFAULT_CONNECT_TIMEOUT_S = 10
const socketDirectories = ['/var/run/postgresql', '/tmp']

/**
 * Reads a server target's connection as libpq would: its own words first, then `PG…` variables, then defaults.
 *
 * @see https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
 * @throws {KxError} KX_TARGET_INVALID if a word cannot be read
 */
export function readConnectionSettings(target: Target, env: Env): ConnectionSettings {
  const { url, ...words } = target.connection
  const given: Env = url === undefined ? words : { ...words, ...parseUrl(url, target.name) }
  const word = (name: string, variable?: string) =>
    given[name] || (variable === undefined ? undefined : env[variable]) || undefined

  const port = word('port', 'PGPORT') ?? '5432'
  const host = word('host', 'PGHOST') ?? defaultHost(port)
  const user = word('user', 'PGUSER') ?? userInfo().username
  const database = word('dbname', 'PGDATABASE') ?? word('database') ?? user
  const place = { host, port: readNumber(target, 'port', port), database, user }
  const passfile = word('passfile', 'PGPASSFILE') ?? join(env.HOME ?? '/nonexistent', '.pgpass')
  const timeout = word('connect_timeout', 'PGCONNECT_TIMEOUT')
  return {
    targetName: target.name,
    ...place,
    password: word('password', 'PGPASSWORD') ?? readPassfile(passfile, place),
    options: word('options', 'PGOPTIONS'),
    // libpq waits for ever by default and takes 0 for ever; a command that hangs helps nobody.
    connectTimeoutMs:
      1000 *
      (timeout === undefined ? DEFAULT_CONNECT_TIMEOUT_S : readNumber(target, 'connect_timeout', timeout)),
    tls: {
      mode: readTlsMode(target, word('sslmode', 'PGSSLMODE') ?? 'prefer'),
      rootCertificate: word('sslrootcert', 'PGSSLROOTCERT'),
      certificate: word('sslcert', 'PGSSLCERT'),
      key: word('sslkey', 'PGSSLKEY'),
    },
  }
}

/** Where the settings lead, without secrets: `127.0.0.1:5432` or a socket's path. */
export function formatAddress({ host, port }: { readonly host: string; readonly port: number }): string {
  if (isSocketDirectory(host)) return `${host}/.s.PGSQL.${port}`
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Whether `host` is the directory of a Unix socket. */
export function isSocketDirectory(host: string): boolean {
  return isAbsolute(host)
}

const NO_HOST = 'kx-no-host'

function parseUrl(text: string, targetName: string): Record<string, string> {
  const found: Record<string, string> = {}
  try {
    // libpq takes a user without a host (a Unix socket follows as host=); a URL does not.
    const isHostless = /^[a-z]+:\/\/[^/?#]*@(?=[/?#:]|$)/i.test(text)
    const url = new URL(isHostless ? text.replace('@', `@${NO_HOST}`) : text)
    if (!/^postgres(ql)?:$/.test(url.protocol)) throw new TypeError('not a postgresql: url')
    const host = decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1')
    if (host && host !== NO_HOST) found.host = host
    if (url.port) found.port = url.port
    if (url.username) found.user = decodeURIComponent(url.username)
    if (url.password) found.password = decodeURIComponent(url.password)
    const database = decodeURIComponent(url.pathname.slice(1))
    if (database) found.dbname = database
    for (const [name, value] of url.searchParams) found[name] = value
  } catch {
    // The reason quotes the url with its password: it is not passed on.
    throw new KxError('KX_TARGET_INVALID', `the url of target '${targetName}' cannot be read`, {
      hint: 'Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with special characters percent-encoded.',
    })
  }
  return found
}

function defaultHost(port: string): string {
  return socketDirectories.find((directory) => existsSync(join(directory, `.s.PGSQL.${port}`))) ?? 'localhost'
}

function readNumber(target: Target, name: string, text: string): number {
  const value = Number(text)
  const limit = name === 'port' ? 65_535 : 86_400
  if (/^\d+$/.test(text) && value <= limit) return value
  throw new KxError(
    'KX_TARGET_INVALID',
    `${name} '${text}' of target '${target.name}' is not a number up to ${limit}`,
    {
      hint: `Correct ${name} in project.yml or in the environment.`,
    },
  )
}

function readTlsMode(target: Target, text: string): TlsMode {
  const mode = tlsModes.find((known) => known === text)
  if (mode) return mode
  throw new KxError('KX_TARGET_INVALID', `sslmode '${text}' of target '${target.name}' is unknown`, {
    hint: `Write one of ${tlsModes.join(', ')}.`,
  })
}
