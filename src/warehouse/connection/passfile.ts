import { readFileSync, statSync } from 'node:fs'

/** What a line of a password file is looked up by. */
export interface PassfileKey {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
}

/**
 * The password for `key` in a libpq password file; undefined if there is none, no such file, or a file that
 * others may read (libpq ignores it too).
 *
 * @see https://www.postgresql.org/docs/current/libpq-pgpass.html
 */
export function readPassfile(path: string, key: PassfileKey): string | undefined {
  let text: string
  try {
    const stat = statSync(path)
    if (!stat.isFile() || (stat.mode & 0o077) !== 0) return undefined
    text = readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
  return findPassword(text, key)
}

/** The password of the first line of a password file's `text` that fits `key`. */
export function findPassword(text: string, { host, port, database, user }: PassfileKey): string | undefined {
  // A socket in the default directory is looked up as localhost.
  const hosts = host === '/var/run/postgresql' || host === '/tmp' ? [host, 'localhost'] : [host]
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue
    const [lineHost, linePort, lineDatabase, lineUser, password] = splitLine(line)
    const fits = (field: string | undefined, values: string[]) =>
      field === '*' || values.includes(field ?? '')
    const isFit =
      fits(lineHost, hosts) &&
      fits(linePort, [String(port)]) &&
      fits(lineDatabase, [database]) &&
      fits(lineUser, [user])
    if (isFit && password !== undefined) return password
  }
  return undefined
}

const FIELD = String.raw`((?:\\.|[^:\\])*)`
const LINE = new RegExp(`^${FIELD}:${FIELD}:${FIELD}:${FIELD}:(.*)$`)

/** Fields are divided by `:`; a backslash makes `:` and itself plain. */
function splitLine(line: string): string[] {
  const fields = LINE.exec(line)?.slice(1) ?? []
  return fields.map((field) => field.replace(/\\(.)/g, '$1'))
}
