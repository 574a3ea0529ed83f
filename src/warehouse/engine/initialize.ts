import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, lchownSync, readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { KxError } from '../../base/index.ts'
import { ENGINE_MAJOR, ENGINE_VERSION, installBinaries } from './binaries.ts'
import type { EngineHome } from './home.ts'
import { asUser, idleAccount, isRoot, type Owner, userName } from './owner.ts'

const run = promisify(execFile)

/** The role and the owner of everything in an embedded warehouse. */
export const ENGINE_USER = 'kx'

/**
 * Makes the data directory if there is none: under a temporary name, then renamed, so that it is there whole or
 * not at all.
 *
 * @throws {KxError} KX_WAREHOUSE_VERSION if one of another major is there; KX_WAREHOUSE_START
 */
export async function initialize(home: EngineHome, { isSynced }: { isSynced: boolean }): Promise<void> {
  const { dataDirectory, owner } = home
  if (existsSync(dataDirectory)) return checkMajor(dataDirectory)
  // initdb and the server's login want a name: say so before anything is made.
  userName()
  const { initdb } = await installBinaries(home.stateDirectory)
  const temporary = `${dataDirectory}.new-${randomBytes(4).toString('hex')}`
  try {
    await mkdir(dirname(dataDirectory), { recursive: true, mode: 0o755 })
    await mkdir(temporary, { mode: 0o700 })
    await runInitdb(isSynced ? [initdb] : [initdb, '--no-sync'], temporary, owner)
    await rename(temporary, dataDirectory)
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true })
    if (existsSync(dataDirectory)) return
    throw startError(`the warehouse cannot be created in ${dataDirectory}`, cause)
  }
}

async function runInitdb([initdb = '', ...more]: string[], directory: string, owner: Owner): Promise<void> {
  const account = isRoot() ? idleAccount() : owner
  if (isRoot()) handOver(directory, account)
  const options = ['--locale=C', '--encoding=UTF8', '--auth=peer', `--username=${ENGINE_USER}`]
  await run(initdb, [...options, ...more, '--no-instructions', '-D', directory], {
    ...asUser(account),
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
  })
  if (isRoot()) handOver(directory, owner)
  await chmod(directory, 0o700)
}

/** Gives a directory and all in it to `owner`; links are given, not followed. */
function handOver(directory: string, { uid, gid }: Owner): void {
  lchownSync(directory, uid, gid)
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) handOver(path, { uid, gid })
    else lchownSync(path, uid, gid)
  }
}

function checkMajor(dataDirectory: string): void {
  let major: string
  try {
    major = readFileSync(join(dataDirectory, 'PG_VERSION'), 'utf8').trim()
  } catch (cause) {
    throw new KxError('KX_WAREHOUSE_START', `${dataDirectory} is not a data directory of PostgreSQL`, {
      hint: 'Move it away; kx makes a new one.',
      cause,
    })
  }
  if (Number(major) === ENGINE_MAJOR) return
  throw new KxError(
    'KX_WAREHOUSE_VERSION',
    `${dataDirectory} was written by PostgreSQL ${major}; this kx brings ${ENGINE_VERSION}`,
    {
      hint: `Run kx warehouse export with the kx that brings PostgreSQL ${major}, move the directory away, and load the export with this one.`,
    },
  )
}

/** KX_WAREHOUSE_START with the last line of what a program said, and an order that fits it. */
export function startError(message: string, cause: unknown): KxError {
  if (cause instanceof KxError) return cause
  const { code, stderr } = cause as { code?: unknown; stderr?: string }
  const said = stderr?.trim().split('\n').at(-1) ?? (cause instanceof Error ? cause.message : String(cause))
  const isUidRefused = isRoot() && (code === 'EPERM' || code === 'EINVAL')
  return new KxError('KX_WAREHOUSE_START', `${message}: ${said}`, {
    hint: isUidRefused
      ? 'Run kx as an ordinary user, or use a server: this root cannot change to another uid.'
      : 'Correct what it says, or use a server: set DATABASE_URL.',
    cause,
  })
}
