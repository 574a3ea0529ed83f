import { join } from 'node:path'
import type { SyncedPart } from './landing.ts'
import type { LandingFile, LandingFiles } from './landing-files.ts'

/** One file of a writer, from its making to its sealing. */
export interface Part {
  /** Synced length. */
  bytes(): number
  /** Writes behind the synced length; nothing of it counts before `sync`. What a failed try left is cut first. */
  write(chunks: readonly Buffer[]): Promise<void>
  /** Makes what was written count. If it fails, the part is not to be trusted with more. */
  sync(): Promise<SyncedPart>
  isTrusted(): boolean
  /** Cuts what does not count and closes the part for ever; gives undefined if nothing is in it: it is removed. */
  seal(): Promise<SyncedPart | undefined>
  hasHandle(): boolean
  /** Closes its handle until the next write. */
  rest(): Promise<void>
}

/** Where a part is, and how it is reached. */
export interface PartPlace {
  readonly files: LandingFiles
  /** The landing's. */
  readonly directory: string
  /** Below it. */
  readonly path: string
}

/** A part of the file that was just made at `place`. */
export function newPart({ files, directory, path }: PartPlace, created: LandingFile): Part {
  const absolute = join(directory, path)
  let file: LandingFile | undefined = created
  let syncedBytes = 0
  let writtenBytes = 0
  let isClean = true
  let isTrusted = true

  const opened = async (): Promise<LandingFile> => {
    file ??= await files.open(absolute)
    return file
  }
  const restore = async (): Promise<void> => {
    if (isClean) return
    await (await opened()).cut(syncedBytes)
    writtenBytes = syncedBytes
    isClean = true
  }
  const rest = async (): Promise<void> => {
    const resting = file
    file = undefined
    // What counts was synced before: a handle that does not close well has nothing to lose.
    await resting?.close().catch(() => undefined)
  }
  return {
    bytes: () => syncedBytes,
    async write(chunks) {
      await restore()
      const open = await opened()
      isClean = false
      for (const chunk of chunks) writtenBytes += await writeAll(open, chunk, writtenBytes)
    },
    async sync() {
      isTrusted = false
      await (await opened()).syncContent()
      isTrusted = true
      isClean = true
      syncedBytes = writtenBytes
      return { path, bytes: syncedBytes, isSealed: false }
    },
    isTrusted: () => isTrusted,
    async seal() {
      await restore()
      if (syncedBytes === 0) {
        await rest()
        await files.remove(absolute)
        return undefined
      }
      await markSealed(await opened())
      await rest()
      return { path, bytes: syncedBytes, isSealed: true }
    },
    hasHandle: () => file !== undefined,
    rest,
  }
}

async function writeAll(file: LandingFile, chunk: Buffer, position: number): Promise<number> {
  for (let done = 0; done < chunk.length; ) {
    const taken = await file.write(chunk.subarray(done), position + done)
    // A disk that takes nothing and says nothing is full.
    if (taken === 0)
      throw Object.assign(new Error('ENOSPC: nothing of a write was taken'), { code: 'ENOSPC' })
    done += taken
  }
  return chunk.length
}

/** The mark only spares recovery a look at the part: a file system without modes does without. */
async function markSealed(file: LandingFile): Promise<void> {
  await file.markSealed().catch(() => undefined)
}
