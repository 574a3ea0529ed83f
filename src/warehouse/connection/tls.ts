import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionOptions } from 'node:tls'
import { KxError } from '../../base/index.ts'
import { type ConnectionSettings, isSocketDirectory } from './settings.ts'

/** One way to speak to the server: in plain text (`false`) or encrypted. */
export type TlsAttempt = false | ConnectionOptions

/**
 * The ways to try, in order, as libpq does for the settings' `sslmode`. Sockets are never encrypted.
 *
 * @see https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION
 * @throws {KxError} KX_TARGET_INVALID if a certificate cannot be read
 */
export function tlsAttempts(settings: ConnectionSettings): TlsAttempt[] {
  const { host, tls } = settings
  if (isSocketDirectory(host) || tls.mode === 'disable') return [false]
  const encrypted = encryption(settings)
  if (tls.mode === 'allow') return [false, encrypted]
  if (tls.mode === 'prefer') return [encrypted, false]
  return [encrypted]
}

function encryption({ tls, targetName }: ConnectionSettings): ConnectionOptions {
  const read = (name: string, path: string | undefined, fallback: string) =>
    readCertificate(path, { name, fallback: join(homedir(), '.postgresql', fallback), targetName })
  const key = read('sslkey', tls.key, 'postgresql.key')
  const cert = read('sslcert', tls.certificate, 'postgresql.crt')
  const own: ConnectionOptions = { ...(key && { key }), ...(cert && { cert }) }
  const isSystem = tls.rootCertificate === 'system'
  const ca = isSystem ? undefined : read('sslrootcert', tls.rootCertificate, 'root.crt')
  const verifies = tls.mode === 'verify-ca' || tls.mode === 'verify-full'
  if (verifies && !isSystem && !ca) {
    throw new KxError(
      'KX_TARGET_INVALID',
      `sslmode ${tls.mode} of target '${targetName}' needs a root certificate`,
      {
        hint: 'Set sslrootcert to a file, or to system for the certificates that Node trusts.',
      },
    )
  }
  // As in libpq, `require` with a root certificate at hand is verify-ca.
  if (!verifies && !(tls.mode === 'require' && ca)) return { ...own, rejectUnauthorized: false }
  const checked = { ...own, ...(ca && { ca }), rejectUnauthorized: true }
  return tls.mode === 'verify-full' || isSystem
    ? checked
    : { ...checked, checkServerIdentity: () => undefined }
}

function readCertificate(
  path: string | undefined,
  { name, fallback, targetName }: { name: string; fallback: string; targetName: string },
): Buffer | undefined {
  if (path === undefined && !existsSync(fallback)) return undefined
  try {
    return readFileSync(path ?? fallback)
  } catch (cause) {
    throw new KxError(
      'KX_TARGET_INVALID',
      `${name} of target '${targetName}' cannot be read: ${path ?? fallback}`,
      {
        hint: `Correct ${name}, or let this user read the file.`,
        cause,
      },
    )
  }
}
