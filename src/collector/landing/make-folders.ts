import { dirname } from 'node:path'
import type { LandingFiles } from './landing-files.ts'

/** Folders that are remembered as synced, at most; beyond, they are synced once more. */
const KNOWN_FOLDERS = 10_000

/** Makes folders of the landing that stay. */
export interface FolderMaker {
  /**
   * Makes the folders down to `path` (absolute) and syncs the entry of each. Those that exist are synced too, once:
   * whoever made them may have died before.
   */
  make(path: string): Promise<void>
  /** Looks at every folder anew: one may have been removed. */
  forget(): void
}

/** Makes folders below `directory`, and that one too. */
export function folderMaker(files: LandingFiles, directory: string): FolderMaker {
  const known = new Set<string>()
  const make = async (path: string): Promise<void> => {
    const parent = dirname(path)
    if (known.has(path) || parent === path) return
    await make(parent)
    await files.makeDirectory(path)
    const isAbove = directory.startsWith(`${path}/`)
    await files.syncDirectory(parent).catch((error) => {
      // Folders above the landing are the machine's: those we may not read, we did not make.
      if (!isAbove || error.code !== 'EACCES') throw error
    })
    if (known.size >= KNOWN_FOLDERS) known.clear()
    known.add(path)
  }
  return { make, forget: () => known.clear() }
}
