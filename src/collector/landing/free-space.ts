import { rm, rmdir, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DiskSpace } from './disk-guard.ts'
import { errnoOf } from './landing-trouble.ts'

/** How full the disk of a directory is, as far as this user may fill it. */
export async function freeSpace(directory: string): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(directory)
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
}

/** Deletes a part and the folders that it leaves empty. */
export async function deletePart(directory: string, path: string): Promise<void> {
  await rm(join(directory, path), { force: true })
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    try {
      await rmdir(join(directory, folder))
    } catch (error) {
      // Another part is in it, or somebody else was faster.
      if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(errnoOf(error))) return
      throw error
    }
  }
}
