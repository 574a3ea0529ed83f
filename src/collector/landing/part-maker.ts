import { dirname, join } from 'node:path'
import type { LandingFile, LandingFiles } from './landing-files.ts'
import { newPart, type Part } from './part.ts'

/** Makes the parts of one writer. */
export interface PartMaker {
  /** A new part in a folder of the landing. It and the folders that lead to it are on disk when it resolves. */
  make(folder: string): Promise<Part>
}

/** Folders that are remembered as synced, at most; beyond, they are synced once more. */
const KNOWN_FOLDERS = 10_000

/**
 * Names parts `<prefix>-<n>.jsonl`, where `n` counts the parts of the writer from 0: the number stays unique when two
 * feeds begin at one sequence, and tells their order.
 */
export function partMaker(files: LandingFiles, directory: string, prefix: string): PartMaker {
  const place = { files, directory, known: new Set<string>() }
  let next = 0
  return {
    async make(folder) {
      try {
        await makeFolders(place, join(directory, folder))
        for (;;) {
          const path = join(folder, `${prefix}-${next++}.jsonl`)
          const file = await createNew(files, join(directory, path))
          if (file === undefined) continue
          await files.syncDirectory(join(directory, folder))
          return newPart({ files, directory, path }, file)
        }
      } catch (error) {
        // A folder may have been removed behind our back.
        place.known.clear()
        throw error
      }
    },
  }
}

interface FolderPlace {
  readonly files: LandingFiles
  readonly directory: string
  /** Folders that are on disk for sure. */
  readonly known: Set<string>
}

/** Undefined if the name is taken: nobody else's file is ever written to. */
async function createNew(files: LandingFiles, path: string): Promise<LandingFile | undefined> {
  try {
    return await files.create(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined
    throw error
  }
}

/**
 * Makes the folders down to `path` and syncs the entry of each. Those that exist are synced too: whoever made them
 * may have died before.
 */
async function makeFolders(place: FolderPlace, path: string): Promise<void> {
  const { files, directory, known } = place
  const parent = dirname(path)
  if (known.has(path) || parent === path) return
  await makeFolders(place, parent)
  await files.makeDirectory(path)
  const isAbove = directory.startsWith(`${path}/`)
  await files.syncDirectory(parent).catch((error) => {
    // Folders above the landing are the machine's: those we may not read, we did not make.
    if (!isAbove || error.code !== 'EACCES') throw error
  })
  if (known.size >= KNOWN_FOLDERS) known.clear()
  known.add(path)
}
