import { dirname, join } from 'node:path'
import type { LandingFile, LandingFiles } from './landing-files.ts'
import { errnoOf } from './landing-trouble.ts'
import { folderMaker } from './make-folders.ts'
import { newPart, type Part } from './part.ts'

/** Makes the parts of one writer. */
export interface PartMaker {
  /** A new part in a folder of the landing. It and the folders that lead to it are on disk when it resolves. */
  make(folder: string): Promise<Part>
}

/**
 * Names parts `<prefix>-<n>.jsonl`, where `n` counts the parts of the writer from 0: the number stays unique when two
 * feeds begin at one sequence, and tells their order.
 */
export function partMaker(files: LandingFiles, directory: string, prefix: string): PartMaker {
  const folders = folderMaker(files, directory)
  let next = 0
  const makeOnce = async (folder: string): Promise<Part> => {
    for (;;) {
      const path = join(folder, `${prefix}-${next++}.jsonl`)
      await folders.make(join(directory, folder))
      const file = await createNew(files, join(directory, path))
      if (file === undefined) continue
      await syncEntry(files, join(directory, path), file)
      return newPart({ files, directory, path }, file)
    }
  }
  return {
    async make(folder) {
      try {
        return await makeOnce(folder).catch((error) => {
          folders.forget()
          // Where little space is left, a folder goes with its last part: it is made again.
          if (errnoOf(error) === 'ENOENT') return makeOnce(folder)
          throw error
        })
      } catch (error) {
        folders.forget()
        throw error
      }
    },
  }
}

/** A file whose name may not stay is not begun: it is taken away, as far as that is possible. */
async function syncEntry(files: LandingFiles, path: string, file: LandingFile): Promise<void> {
  try {
    await files.syncDirectory(dirname(path))
  } catch (error) {
    await file.close().catch(() => undefined)
    await files.remove(path).catch(() => undefined)
    throw error
  }
}

/** Undefined if the name is taken: nobody else's file is ever written to. */
async function createNew(files: LandingFiles, path: string): Promise<LandingFile | undefined> {
  try {
    return await files.create(path)
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return undefined
    throw error
  }
}
