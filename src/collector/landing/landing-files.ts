import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'

/** What the landing does with a disk. A seam: a disk that is full, slow or broken stands in for it in tests. */
export interface LandingFiles {
  /** Makes a file that is not there yet. */
  create(path: string): Promise<LandingFile>
  /** Opens one that is, to read and write. */
  open(path: string): Promise<LandingFile>
  /** Makes one folder; nothing happens if it is there. */
  makeDirectory(path: string): Promise<void>
  /** Its entries are on disk when it resolves. */
  syncDirectory(path: string): Promise<void>
  remove(path: string): Promise<void>
}

/** An open file. Positions count from its start. */
export interface LandingFile {
  /** Gives how many bytes it took, which may be fewer. */
  write(bytes: Uint8Array, position: number): Promise<number>
  /** Fills `bytes`; gives how many it read, fewer at the end. */
  read(bytes: Uint8Array, position: number): Promise<number>
  size(): Promise<number>
  /** Content and length are on disk when it resolves (fdatasync). */
  syncContent(): Promise<void>
  /** Cuts the file, and that is on disk when it resolves (ftruncate, fsync). */
  cut(bytes: number): Promise<void>
  /** Says for ever that nothing is added any more: takes the right to write from it. */
  markSealed(): Promise<void>
  close(): Promise<void>
}

/** The right to read alone: what a sealed part has. */
const SEALED_MODE = 0o444

/** The machine's file system. */
export const systemFiles: LandingFiles = {
  create: async (path) => systemFile(await open(path, 'wx+')),
  open: async (path) => systemFile(await open(path, 'r+')),
  async makeDirectory(path) {
    await mkdir(path).catch(unlessThere)
  },
  async syncDirectory(path) {
    await using directory = await open(path, 'r')
    await directory.sync()
  },
  remove: (path) => rm(path, { force: true }),
}

function systemFile(handle: FileHandle): LandingFile {
  return {
    write: async (bytes, position) => (await handle.write(bytes, 0, bytes.length, position)).bytesWritten,
    read: async (bytes, position) => (await handle.read(bytes, 0, bytes.length, position)).bytesRead,
    size: async () => (await handle.stat()).size,
    syncContent: () => handle.datasync(),
    async cut(bytes) {
      await handle.truncate(bytes)
      await handle.sync()
    },
    markSealed: () => handle.chmod(SEALED_MODE),
    close: () => handle.close(),
  }
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
