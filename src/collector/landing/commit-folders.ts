import type { FolderWriter } from './folder-writer.ts'

/** A folder whose lines still wait, and why. */
export interface FailedFolder {
  readonly writer: FolderWriter
  readonly error: unknown
}

/**
 * Folders that are worked on at a time. One less than Node's threads for files: while a disk hangs, names of
 * exchanges can still be looked up.
 */
const AT_A_TIME = 3

/**
 * Writes and syncs what waits in each folder. All are written before the first is synced: then the file system
 * commits them together, and the later syncs cost little. Gives the folders that failed; their lines wait again.
 */
export async function commitFolders(writers: readonly FolderWriter[]): Promise<FailedFolder[]> {
  const failed: FailedFolder[] = []
  for (const writer of writers) writer.take()
  // More than one pass only where what waits needs more than one part.
  for (let open = writers; open.length > 0; open = open.filter((writer) => writer.hasTaken())) {
    const written = await attempt(open, failed, (writer) => writer.write())
    open = await attempt(written, failed, (writer) => writer.sync())
  }
  return failed
}

/** Seals the parts of folders. Gives those that failed; they are asked again next time. */
export async function sealFolders(writers: readonly FolderWriter[]): Promise<FailedFolder[]> {
  const failed: FailedFolder[] = []
  await attempt(writers, failed, (writer) => writer.seal())
  return failed
}

/** Does a step for each writer, some at a time. Gives those that it worked for. */
async function attempt(
  writers: readonly FolderWriter[],
  failed: FailedFolder[],
  step: (writer: FolderWriter) => Promise<void>,
): Promise<FolderWriter[]> {
  const worked: FolderWriter[] = []
  const waiting = writers.values()
  const work = async () => {
    for (const writer of waiting) {
      try {
        await step(writer)
        worked.push(writer)
      } catch (error) {
        writer.giveBack()
        failed.push({ writer, error })
      }
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
  return worked
}
