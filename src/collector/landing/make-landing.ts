import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { KxError } from '../../base/index.ts'
import { errnoOf } from './landing-trouble.ts'

/**
 * Makes the landing's own folder, and those above it, where they are missing.
 *
 * @throws {KxError} KX_LANDING_FAILED if that cannot be
 */
export async function makeLanding(directory: string): Promise<void> {
  try {
    await makeFolder(directory)
  } catch (cause) {
    throw new KxError(
      'KX_LANDING_FAILED',
      `the landing cannot be in ${directory}: ${(cause as Error).message}`,
      {
        hint: 'Name a directory that this user can write to: landing under collect in project.yml.',
        cause,
      },
    )
  }
}

/** Not mkdir's `recursive`: Node tries for ever where a folder takes no others (/proc, a mount that is gone). */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    if (errnoOf(error) === 'EEXIST' && (await stat(path)).isDirectory()) return
    const above = dirname(path)
    if (errnoOf(error) !== 'ENOENT' || (await isThere(above))) throw error
    await makeFolder(above)
    await mkdir(path)
  }
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}
