import { existsSync } from 'node:fs'
import { type Command, run } from './process.ts'

/** Where a database is, as libpq's variables. */
export interface Database {
  readonly host: string
  readonly port: string
  readonly user: string
  readonly name: string
}

// Debian's /usr/bin/psql is a Perl script in front of the real one.
const DEBIAN = '/usr/lib/postgresql/15/bin'

/** A program of PostgreSQL 15: Debian's own, else the one on PATH. */
export function binary(name: string): string {
  const file = `${process.env.BENCH_PG_BIN ?? DEBIAN}/${name}`
  return existsSync(file) ? file : name
}

export function environmentOf({ host, port, user, name }: Database): Record<string, string> {
  return { PGHOST: host, PGPORT: port, PGUSER: user, PGDATABASE: name }
}

export function urlOf({ host, port, user, name }: Database): string {
  const query = new URLSearchParams({ host, port, user })
  return `postgresql:///${name}?${query}`
}

/** Reads a URL of a server that is reached by a Unix socket or a host name. */
export function databaseOf(url: string): Database {
  const parsed = new URL(url)
  const of = (name: string) => parsed.searchParams.get(name) ?? undefined
  return {
    host: decodeURIComponent(of('host') ?? parsed.hostname) || '/var/run/postgresql',
    port: of('port') ?? (parsed.port || '5432'),
    user: decodeURIComponent(of('user') ?? parsed.username) || 'postgres',
    name: of('dbname') ?? (decodeURIComponent(parsed.pathname.slice(1)) || 'postgres'),
  }
}

/** psql on a file, stopping at the first error, its results unaligned. */
export function psqlCommand(
  database: Database,
  file: string,
  { options, variables = {} }: { options?: string; variables?: Readonly<Record<string, string>> } = {},
): Command {
  const sets = Object.entries(variables).flatMap(([name, value]) => ['-v', `${name}=${value}`])
  const env = { ...environmentOf(database), ...(options === undefined ? {} : { PGOPTIONS: options }) }
  return { argv: [binary('psql'), '-XAtq', '-v', 'ON_ERROR_STOP=1', ...sets, '-f', file], env }
}

/** Runs SQL and gives what psql prints: a line a row, columns parted by |. */
export function psql(database: Database, sql: string): string {
  return run({ ...psqlCommand(database, '-'), input: `set client_min_messages = warning;\n${sql};` }).trim()
}

/** Makes a database anew, as a copy of another one if that is named. */
export function createDatabase(server: Database, name: string, template?: string): Database {
  const maintenance = { ...server, name: 'postgres' }
  psql(maintenance, `drop database if exists ${name} with (force)`)
  // A file copy reads what is on disk, so that every copy begins alike.
  const from = template === undefined ? '' : ` template ${template} strategy file_copy`
  psql(maintenance, `create database ${name}${from}`)
  return { ...server, name }
}
