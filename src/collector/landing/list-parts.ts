import type { Dirent } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** A part as it lies in the landing. */
export interface FoundPart {
  /** Below the landing directory. */
  readonly path: string
  /** Of the file; of a part that is not sealed they may not be synced. */
  readonly bytes: number
  /** Marked so: read-only. */
  readonly isSealed: boolean
}

/** Folders that are read at a time. */
const AT_A_TIME = 32
const PART = /^part-.*\.jsonl$/

/**
 * All parts below a landing directory, in no order; hidden folders are not looked into. None where there is no such
 * directory. `isWanted` spares a look at the others.
 */
export async function* listParts(
  directory: string,
  isWanted: (path: string) => boolean = () => true,
): AsyncGenerator<FoundPart> {
  const folders = ['']
  while (folders.length > 0) {
    const read = await Promise.all(folders.splice(-AT_A_TIME).map((folder) => readFolder(directory, folder)))
    for (const { folder, entries } of read) {
      const shown = entries.filter(({ name }) => !name.startsWith('.'))
      folders.push(...shown.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name)))
      const parts = shown.filter((entry) => entry.isFile() && PART.test(entry.name))
      const wanted = parts.map(({ name }) => join(folder, name)).filter(isWanted)
      for (const part of await Promise.all(wanted.map((path) => look(directory, path)))) if (part) yield part
    }
  }
}

async function readFolder(
  directory: string,
  folder: string,
): Promise<{ readonly folder: string; readonly entries: readonly Dirent[] }> {
  return {
    folder,
    entries: await readdir(join(directory, folder), { withFileTypes: true }).catch(nothingIfGone),
  }
}

async function look(directory: string, path: string): Promise<FoundPart | undefined> {
  const status = await lstat(join(directory, path)).catch(nothingIfGone)
  if (!('mode' in status)) return undefined
  return { path, bytes: status.size, isSealed: (status.mode & 0o222) === 0 }
}

/** Old parts are deleted while others look. */
function nothingIfGone(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return []
  throw error
}
