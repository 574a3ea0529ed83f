import { readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { SyncedPart } from './landing.ts'
import { systemFiles } from './landing-files.ts'
import { listParts } from './list-parts.ts'
import { folderMaker } from './make-folders.ts'

const FOLDER = '.replay'

/**
 * Where a replay writes its parts before they count: a hidden folder of the landing, on its disk, that nobody else
 * looks into.
 */
export function stagingOf(landingDirectory: string, bootId: string): string {
  return join(landingDirectory, FOLDER, bootId)
}

/** Boot ids of replays whose parts are still in their staging folders. */
export async function stagedBoots(landingDirectory: string): Promise<string[]> {
  return await readdir(join(landingDirectory, FOLDER)).catch((error) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}

/** Moves sealed parts to their places and gives them. It may be called again for those that a crash left. */
export async function publishStaged(landingDirectory: string, bootId: string): Promise<SyncedPart[]> {
  const staging = stagingOf(landingDirectory, bootId)
  const folders = folderMaker(systemFiles, landingDirectory)
  const parts: SyncedPart[] = []
  for await (const { path, bytes } of listParts(staging)) {
    const target = join(landingDirectory, path)
    await folders.make(dirname(target))
    await rename(join(staging, path), target)
    await systemFiles.syncDirectory(dirname(target))
    parts.push({ path, bytes, isSealed: true })
  }
  await dropStaged(landingDirectory, bootId)
  return parts
}

/** Removes what a replay wrote that does not count. */
export async function dropStaged(landingDirectory: string, bootId: string): Promise<void> {
  await rm(stagingOf(landingDirectory, bootId), { recursive: true, force: true })
}
