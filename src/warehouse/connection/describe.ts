import type { Target } from '../warehouse.ts'
import { type ConnectionSettings, formatAddress, readConnectionSettings } from './settings.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Where a server target leads, without secrets. */
export interface ServerDescription {
  /** `127.0.0.1:5432`, or a socket's path. */
  readonly address: string
  /** For psql, without the password. */
  readonly url: string
}

/**
 * Describes a server target without connecting.
 *
 * @throws {KxError} KX_TARGET_INVALID
 */
export function describeServer(target: Target, env: Env): ServerDescription {
  const settings = readConnectionSettings(target, env)
  return { address: formatAddress(settings), url: urlOf(settings) }
}

function urlOf({ host, port, user, database, tls }: ConnectionSettings): string {
  const words = { host, port: String(port), user, sslmode: tls.mode, sslrootcert: tls.rootCertificate }
  const query = Object.entries(words)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll('%2F', '/')}`)
  return `postgresql:///${encodeURIComponent(database)}?${query.join('&')}`
}
