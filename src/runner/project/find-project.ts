import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { KxError } from '../../base/index.ts'

/** The file that makes a directory a project. */
export const PROJECT_FILE = 'project.yml'

/**
 * The directory of the project that `from` is in: it or the nearest above with a project.yml. Absolute.
 *
 * @throws {KxError} KX_PROJECT_NOT_FOUND
 */
export function findProjectDirectory(from: string): string {
  const start = resolve(from)
  for (let directory = start; ; directory = dirname(directory)) {
    if (existsSync(join(directory, PROJECT_FILE))) return directory
    if (directory === dirname(directory)) break
  }
  throw new KxError('KX_PROJECT_NOT_FOUND', `there is no ${PROJECT_FILE} in ${start} or above`, {
    hint: 'Go to a project, or name one: --project-dir PATH.',
  })
}
