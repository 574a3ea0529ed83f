import { KxError } from '../../base/index.ts'
import { makeFolder } from './make-folder.ts'

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
