import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { unreadable } from './unreadable.ts'
import { openZip } from './zip.ts'

/** One stream of text on disk: a file, what a gzip holds, or a member of a zip. */
export interface SourceFile {
  /** As found on disk, with the member of a zip behind `!/`. */
  readonly path: string
  /** What the format and the instrument are read from: the path, or the member's. */
  readonly innerPath: string
  /** On disk: compressed where it is. */
  readonly sizeBytes: number
  /** Of the text, as far as it is known or can be guessed: for progress. */
  readonly textBytes: number
  /** A file as it lies on disk, which somebody may be writing to: not compressed, not a member. */
  readonly isPlain: boolean
  /** When it last changed, as it was found, ms since the epoch; NaN: unknown. */
  readonly changedMs: number
  /** The user named it (or a glob matched it), rather than a folder above it. */
  readonly isNamed: boolean
  open(): Promise<Readable>
  /** All of it, where it is small and was read already. */
  readonly content?: Uint8Array
  /** Gives back what the source holds open. */
  release(): void
}

/** A path to load. */
export interface FoundFile {
  readonly path: string
  readonly sizeBytes: number
  /** When it last changed, ms since the epoch; NaN: unknown. */
  readonly changedMs: number
  readonly isNamed: boolean
}

const READ_BYTES = 262_144
/** About what candles compress to. */
const GZIP_RATIO = 5
/** Larger files are read as a stream. */
export const SMALL_BYTES = 196_608

/**
 * The streams of a file: itself, or the members of a zip.
 *
 * @throws {KxError} KX_LOAD_FAILED if it cannot be opened
 */
export async function* sourcesOf(found: FoundFile): AsyncGenerator<SourceFile> {
  const { bytes, isWhole } = await readBeginning(found)
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) {
    yield* zipSources(found)
    return
  }
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  yield {
    ...found,
    ...(isWhole && !isGzip && { content: bytes }),
    isPlain: !isGzip,
    textBytes: found.sizeBytes * (isGzip ? GZIP_RATIO : 1),
    innerPath: isGzip ? found.path.replace(/\.gz$/, '') : found.path,
    open: async () =>
      isGzip ? gunzip(found.path) : createReadStream(found.path, { highWaterMark: READ_BYTES }),
    release: () => {},
  }
}

async function* zipSources(found: FoundFile): AsyncGenerator<SourceFile> {
  const zip = await openZip(found.path)
  // Listing holds the archive open, and so does every member until it is released.
  let holders = 1
  const release = () => {
    if (--holders === 0) zip.close()
  }
  try {
    for await (const member of zip.members()) {
      holders++
      yield {
        path: `${found.path}!/${member.name}`,
        innerPath: member.name,
        sizeBytes: member.compressedBytes,
        textBytes: member.entry.uncompressedSize,
        isNamed: false,
        isPlain: false,
        changedMs: Number.NaN,
        open: () => zip.read(member),
        release,
      }
    }
  } finally {
    release()
  }
}

function gunzip(path: string): Readable {
  const file = createReadStream(path, { highWaterMark: 65_536 })
  const text = createGunzip({ chunkSize: READ_BYTES })
  file.on('error', (error) => text.destroy(error))
  text.on('close', () => file.destroy())
  return file.pipe(text)
}

/** Small files are read whole: landing has thousands of them, and opening is what they cost. */
async function readBeginning({
  path,
  sizeBytes,
}: FoundFile): Promise<{ bytes: Uint8Array; isWhole: boolean }> {
  const isSmall = sizeBytes <= SMALL_BYTES
  try {
    await using file = await open(path)
    // One byte more than there should be: a file that grows meanwhile is read as a stream.
    const wanted = isSmall ? sizeBytes + 1 : 4
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafeSlow(wanted), 0, wanted, 0)
    return { bytes: buffer.subarray(0, bytesRead), isWhole: bytesRead < wanted }
  } catch (error) {
    throw unreadable(path, error)
  }
}
