import { dirname, join } from 'node:path'
import type { SyncedPart } from './landing.ts'
import { type LandingFile, type LandingFiles, systemFiles } from './landing-files.ts'
import { errnoOf, landingTrouble } from './landing-trouble.ts'
import { listParts } from './list-parts.ts'
import { type FolderMaker, folderMaker } from './make-folders.ts'
import { wholeBytes } from './whole-lines.ts'

/** What to recover. */
export interface RecoverOptions {
  /** The landing's, absolute. */
  readonly directory: string
  /** Whether a part's writer still runs: it is not looked at. */
  readonly isLive: (path: string) => boolean
  readonly files?: LandingFiles
}

/**
 * Ends what dead writers left: cuts what is torn at the end of each part that is not sealed, syncs and seals it.
 * Gives those parts. Nothing is ever added to one. A part of which nothing is left is removed.
 *
 * A writer must be dead for sure: one that still writes would write behind the end of its sealed parts.
 *
 * @throws {KxError} KX_LANDING_FAILED at its end, if a part could not be recovered; the next recovery tries again.
 */
export async function* recoverLanding(options: RecoverOptions): AsyncGenerator<SyncedPart> {
  const { directory, isLive, files = systemFiles } = options
  const folders = folderMaker(files, directory)
  let trouble: unknown
  for await (const { path, isSealed } of listParts(directory, (found) => !isLive(found))) {
    if (isSealed) continue
    try {
      const part = await recoverPart({ files, folders, directory, path })
      if (part !== undefined) yield part
    } catch (error) {
      // Old parts are deleted while others look.
      if (errnoOf(error) !== 'ENOENT') trouble ??= landingTrouble(error, path)
    }
  }
  if (trouble !== undefined) throw trouble
}

interface DeadPart {
  readonly files: LandingFiles
  readonly folders: FolderMaker
  readonly directory: string
  readonly path: string
}

async function recoverPart({ files, folders, directory, path }: DeadPart): Promise<SyncedPart | undefined> {
  const absolute = join(directory, path)
  const file = await files.open(absolute)
  try {
    const bytes = await cutTorn(file)
    if (bytes === 0) {
      await files.remove(absolute)
      return undefined
    }
    // Its writer may have died before its own syncs.
    await folders.make(dirname(absolute))
    await files.syncDirectory(dirname(absolute))
    await file.markSealed().catch(() => undefined)
    return { path, bytes, isSealed: true }
  } finally {
    await file.close()
  }
}

async function cutTorn(file: LandingFile): Promise<number> {
  const bytes = await wholeBytes(file)
  if (bytes < (await file.size())) await file.cut(bytes)
  else await file.syncContent()
  return bytes
}
