import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  chownSync,
  closeSync,
  existsSync,
  fstatSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { KxError } from '../../base/index.ts'
import { installBinaries } from './binaries.ts'
import type { EngineHome } from './home.ts'
import { ENGINE_USER, initialize, startError } from './initialize.ts'
import { asUser, isRoot, userName } from './owner.ts'
import { isAlive, readPostmaster, removeStale } from './postmaster.ts'
import { serverArguments } from './server-settings.ts'

/** How often a starting server is looked at, ms: it takes about 30 ms. */
export const LOOK_EVERY_MS = 2

const LOG_BYTES = 8_000_000

/** The server's log, inside its data directory. */
export function logFile({ dataDirectory }: EngineHome): string {
  return join(dataDirectory, 'kx-server.log')
}

/** More settings than the usual ones: `fsync=off` for a server that is thrown away. */
export type MoreSettings = Readonly<Record<string, string>>

/**
 * Starts the server of `home`, making its data directory first if need be, and waits until it takes connections.
 * Returns without a word if another kx started it at the same time: connect and see.
 *
 * @throws {KxError} KX_WAREHOUSE_START, KX_WAREHOUSE_VERSION
 */
export async function startServer(home: EngineHome, more: MoreSettings = {}): Promise<void> {
  await initialize(home, { isSynced: more.fsync !== 'off' })
  const { dataDirectory } = home
  const present = readPostmaster(dataDirectory)
  if (present && isAlive(present, dataDirectory)) {
    await sleep(LOOK_EVERY_MS)
    return
  }
  if (present && isLocked(home)) {
    await sleep(LOOK_EVERY_MS)
    return
  }
  if (present) removeStale(present, dataDirectory)
  const { postgres } = await installBinaries(home.stateDirectory)
  prepareSocketDirectory(home)
  writeLoginRules(home)
  keepLogShort(home)
  const log = openSync(logFile(home), 'a', 0o600)
  try {
    if (isRoot()) chownSync(logFile(home), home.owner.uid, home.owner.gid)
    await untilReady(spawnServer(home, { postgres, log, more }), home, fstatSync(log).size)
  } finally {
    closeSync(log)
  }
}

/** Begins a new log when the old one is long; one old one is kept. */
function keepLogShort(home: EngineHome): void {
  const log = logFile(home)
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES) renameSync(log, `${log}.1`)
}

/** Starts the server in a session of its own: a Ctrl-C for kx must not reach it. */
function spawnServer(
  home: EngineHome,
  { postgres, log, more }: { readonly postgres: string; readonly log: number; readonly more: MoreSettings },
): ChildProcess {
  const command = [...locking(home), postgres, '-D', home.dataDirectory, ...serverArguments(home, more)]
  const [program = postgres, ...rest] = command
  const server = spawn(program, rest, {
    ...asUser(home.owner),
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    detached: true,
    stdio: ['ignore', log, log],
  })
  server.unref()
  return server
}

/**
 * The file whose lock the server holds. The pid file alone proves nothing between containers that share a
 * directory: each has its own process numbers, and two servers on one directory destroy it.
 */
export function lockFile({ dataDirectory }: EngineHome): string {
  return join(dataDirectory, 'kx-server.lock')
}

const FLOCK = '/usr/bin/flock'
const LOCKED = 75

/**
 * Whether a server holds the lock, one of another container say, whose pid file means nothing here. Without its pid
 * file it would stop at once.
 */
function isLocked(home: EngineHome): boolean {
  if (!hasFlock() || !existsSync(lockFile(home))) return false
  const { status } = spawnSync(FLOCK, [...withoutWaiting(home), 'true'])
  return status === LOCKED
}

function hasFlock(): boolean {
  return existsSync(FLOCK) && !realpathSync(FLOCK).endsWith('busybox')
}

/** Words before the server's command that make it hold the lock, where util-linux is there to do so. */
function locking(home: EngineHome): string[] {
  if (!hasFlock()) return []
  return [FLOCK, '--no-fork', ...withoutWaiting(home)]
}

/** Words for flock, before the command: take the lock at once, or end with LOCKED. */
function withoutWaiting(home: EngineHome): string[] {
  return ['--nonblock', '--conflict-exit-code', String(LOCKED), lockFile(home)]
}

async function untilReady(server: ChildProcess, home: EngineHome, logStart: number): Promise<void> {
  let failure: unknown
  server.on('error', (error) => {
    failure = error
  })
  while (server.exitCode === null && server.signalCode === null && failure === undefined) {
    const postmaster = readPostmaster(home.dataDirectory)
    if (postmaster?.processId === server.pid && postmaster?.status === 'ready') return
    await sleep(LOOK_EVERY_MS)
  }
  if (failure) throw startError(`PostgreSQL does not start in ${home.dataDirectory}`, failure)
  const said = readFileSync(logFile(home)).subarray(logStart).toString('utf8')
  // Another kx was faster, or the last server is not quite gone.
  if (server.exitCode === LOCKED || /lock file "[^"]*" (already exists|is empty)/.test(said)) return
  throw new KxError(
    'KX_WAREHOUSE_START',
    `PostgreSQL does not start in ${home.dataDirectory}: ${reasonIn(said)}`,
    {
      hint: `Look into ${logFile(home)}.`,
    },
  )
}

/** The last words of a server's log: what was wrong with the settings, say, and that it therefore gave up. */
function reasonIn(log: string): string {
  const words = [...log.matchAll(/(?:LOG|ERROR|FATAL|PANIC):\s+(.*)/g)].map((match) => match[1])
  return words.slice(-2).join('; ') || log.trim()
}

/** Makes the socket's directory, for the server's user alone; one that somebody else made is not trusted. */
function prepareSocketDirectory({ socketDirectory, owner }: EngineHome): void {
  try {
    mkdirSync(socketDirectory, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  // Root's own is one that it just made, or did not come to hand over.
  if (isRoot() && lstatSync(socketDirectory).uid === 0) lchownSync(socketDirectory, owner.uid, owner.gid)
  const found = lstatSync(socketDirectory)
  if (found.isDirectory() && found.uid === owner.uid && (found.mode & 0o077) === 0) return
  throw new KxError('KX_WAREHOUSE_START', `${socketDirectory} was made by somebody else`, {
    hint: `Remove it: rm -r ${socketDirectory}`,
  })
}

/** Lets in this user and root, by the name that the kernel vouches for, as the one role there is. */
function writeLoginRules({ dataDirectory, owner }: EngineHome): void {
  const names = [...new Set(['root', userName()])]
  const files = {
    'pg_hba.conf': 'local all all peer map=kx\n',
    'pg_ident.conf': names.map((name) => `kx "${name}" ${ENGINE_USER}\n`).join(''),
  }
  for (const [name, text] of Object.entries(files)) {
    const path = join(dataDirectory, name)
    if (readFileSync(path, 'utf8') === text) continue
    writeFileSync(path, text)
    if (isRoot()) chownSync(path, owner.uid, owner.gid)
  }
}
