import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, rmSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { binary, type Database, databaseOf, psql } from './database.ts'
import { environment, run } from './process.ts'

/** A PostgreSQL server to measure on. */
export interface Server extends AsyncDisposable {
  /** Its maintenance database. */
  readonly database: Database
  readonly version: string
  /** Those that are not the defaults of PostgreSQL. */
  readonly settings: Readonly<Record<string, string>>
}

/** As a server of one's own would have them on a machine with 8 GB or more. All else is PostgreSQL's default. */
const SETTINGS: Readonly<Record<string, string>> = {
  shared_buffers: '1GB',
  effective_cache_size: '4GB',
  maintenance_work_mem: '256MB',
  max_wal_size: '16GB',
  checkpoint_timeout: '30min',
  random_page_cost: '1.1',
  jit: 'off',
  fsync: 'on',
  synchronous_commit: 'on',
  autovacuum: 'on',
  dynamic_shared_memory_type: 'mmap',
  listen_addresses: '',
}

/** The server of BENCH_DATABASE_URL, or one of its own in `directory` that goes with it. */
export async function openServer(directory: string): Promise<Server> {
  const given = process.env.BENCH_DATABASE_URL
  if (given !== undefined) return describe({ ...databaseOf(given), name: 'postgres' }, {}, async () => {})
  const data = join(directory, 'data')
  mkdirSync(data, { recursive: true, mode: 0o755 })
  const owner = ownerOf(data)
  const asOwner = (argv: readonly string[]) => startAs(owner, argv)
  asOwner([binary('initdb'), '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C'])
  const more = process.env.BENCH_PG_OPTIONS ?? ''
  const options = Object.entries({ ...SETTINGS, unix_socket_directories: data })
    .map(([name, value]) => `-c ${name}='${value}'`)
    .join(' ')
  asOwner([
    binary('pg_ctl'),
    '-D',
    data,
    '-l',
    join(data, 'log'),
    '-w',
    '-t',
    '30',
    '-o',
    `${options} ${more}`,
    'start',
  ])
  const database = { host: data, port: '5432', user: 'postgres', name: 'postgres' }
  const stop = () => {
    process.off('exit', stop)
    asOwner([binary('pg_ctl'), '-D', data, '-m', 'immediate', '-w', '-t', '30', 'stop'])
    rmSync(directory, { recursive: true, force: true })
  }
  // Ctrl-C ends the bench at once, and must not leave a server behind.
  process.on('exit', stop)
  return describe(database, SETTINGS, async () => stop())
}

function describe(database: Database, settings: Server['settings'], stop: () => Promise<void>): Server {
  const version = psql(database, 'show server_version')
  return { database, version, settings, [Symbol.asyncDispose]: stop }
}

interface Owner {
  readonly uid?: number
  readonly gid?: number
}

/** PostgreSQL refuses to run as root: then it is the user postgres. */
function ownerOf(data: string): Owner {
  if (userInfo().uid !== 0) return {}
  const [uid = 0, gid = 0] = ['-u', '-g'].map((flag) => Number(run({ argv: ['id', flag, 'postgres'] })))
  chownSync(data, uid, gid)
  return { uid, gid }
}

function startAs(owner: Owner, [file = '', ...args]: readonly string[]): void {
  const { status, stderr } = spawnSync(file, args, {
    ...owner,
    cwd: '/',
    env: environment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  if (status !== 0) throw new Error(`${file} ended with ${status}: ${stderr}`)
}
