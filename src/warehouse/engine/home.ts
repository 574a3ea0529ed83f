import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { KxError } from '../../base/index.ts'
import { makeReachable, type Owner, ownerOf } from './owner.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Where an embedded warehouse lives, and whose it is. */
export interface EngineHome {
  /** PGDATA; may not exist yet. */
  readonly dataDirectory: string
  /** Short, for a socket's path has 107 bytes; only the owner may enter. */
  readonly socketDirectory: string
  /** Holds the binaries. */
  readonly stateDirectory: string
  /** Who the server runs as. */
  readonly owner: Owner
}

/** Bytes of a Unix socket's path: sun_path of Linux holds 108 with its end, macOS 104. */
const SOCKET_PATH_LIMIT = process.platform === 'darwin' ? 103 : 107
const SOCKET_FILE = '.s.PGSQL.5432'

/** `$XDG_STATE_HOME/kx`, as root `/var/lib/kx`; `KX_STATE_HOME` goes before both. */
function stateDirectory(env: Env): string {
  if (env.KX_STATE_HOME) return env.KX_STATE_HOME
  if (process.getuid?.() === 0) return '/var/lib/kx'
  return join(env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state'), 'kx')
}

/**
 * Finds where the embedded warehouse of a project is, or will be: `.kx/warehouse` in the project, or below the
 * state directory if the server's user cannot reach or write that.
 *
 * @throws {KxError} KX_WAREHOUSE_START
 */
export function findHome(projectDirectory: string, env: Env): EngineHome {
  const state = canonical(stateDirectory(env))
  const project = realpathSync(projectDirectory)
  const inProject = join(project, '.kx', 'warehouse')
  const inState = join(state, 'warehouses', `${basename(project)}-${shortHash(project)}`)
  const dataDirectory =
    [inProject, inState].find((directory) => existsSync(directory)) ??
    (canHold(project, ownerOf(undefined, state)) ? inProject : inState)
  if (dataDirectory === inState) makeReachable(dirname(inState))
  const owner = ownerOf(dataDirectory, state)
  return {
    dataDirectory,
    socketDirectory: socketDirectory(dataDirectory, owner),
    stateDirectory: state,
    owner,
  }
}

/** One spelling for one directory, whatever links lead there: a running server is known by it. */
function canonical(directory: string): string {
  makeReachable(directory)
  return realpathSync(directory)
}

function socketDirectory(dataDirectory: string, { uid }: Owner): string {
  const directory = `/tmp/kx-${uid}-${shortHash(dataDirectory)}`
  const bytes = Buffer.byteLength(join(directory, SOCKET_FILE))
  if (bytes > SOCKET_PATH_LIMIT) {
    throw new KxError('KX_WAREHOUSE_START', `the socket's path has ${bytes} bytes: ${directory}`, {
      hint: `Use a server: a socket's path may have ${SOCKET_PATH_LIMIT} bytes.`,
    })
  }
  return directory
}

/** Whether `owner` can reach a directory in `project` and kx can make one there. */
function canHold(project: string, owner: Owner): boolean {
  try {
    mkdirSync(join(project, '.kx'), { recursive: true })
  } catch {
    return false
  }
  return canEnter(join(project, '.kx'), owner)
}

/** Whether `owner`, who is in no group but their own, can walk into `directory` from the root. */
function canEnter(directory: string, owner: Owner): boolean {
  const { uid, gid, mode } = statSync(directory)
  const bit = uid === owner.uid ? 0o100 : gid === owner.gid ? 0o010 : 0o001
  if ((mode & bit) === 0) return false
  const parent = dirname(directory)
  return parent === directory || canEnter(parent, owner)
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}
