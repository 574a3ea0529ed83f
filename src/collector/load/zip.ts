import type { Readable } from 'node:stream'
import { type Entry, open, type ZipFile } from 'yauzl'
import { unreadable } from './unreadable.ts'

/** A file inside a zip. */
interface ZipMember {
  readonly name: string
  readonly compressedBytes: number
  readonly entry: Entry
}

/** An open zip archive. */
export interface Zip {
  /** Its files, in the order of its directory. */
  members(): AsyncGenerator<ZipMember>
  read(member: ZipMember): Promise<Readable>
  close(): void
}

/**
 * Opens a zip.
 *
 * @throws {KxError} KX_LOAD_FAILED if it is not whole
 */
export async function openZip(path: string): Promise<Zip> {
  const file = await openFile(path)
  return {
    members: () => members(file, path),
    read: ({ entry }) =>
      new Promise((resolve, reject) => {
        file.openReadStream(entry, (error, stream) =>
          error ? reject(unreadable(path, error)) : resolve(stream),
        )
      }),
    close: () => file.close(),
  }
}

function openFile(path: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    open(path, { lazyEntries: true, autoClose: false }, (error, file) => {
      if (error) reject(unreadable(path, error))
      else resolve(file)
    })
  })
}

async function* members(file: ZipFile, path: string): AsyncGenerator<ZipMember> {
  for (;;) {
    const entry = await nextEntry(file, path)
    if (!entry) return
    const name = entry.fileName
    if (!name.endsWith('/')) yield { name, compressedBytes: entry.compressedSize, entry }
  }
}

function nextEntry(file: ZipFile, path: string): Promise<Entry | undefined> {
  return new Promise((resolve, reject) => {
    const done = () => {
      file.off('entry', onEntry).off('end', onEnd).off('error', onError)
    }
    const onEntry = (entry: Entry) => {
      done()
      resolve(entry)
    }
    const onEnd = () => {
      done()
      resolve(undefined)
    }
    const onError = (error: unknown) => {
      done()
      reject(unreadable(path, error))
    }
    file.on('entry', onEntry).on('end', onEnd).on('error', onError)
    file.readEntry()
  })
}
