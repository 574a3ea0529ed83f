import { createHash, type Hash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip, gzipSync } from 'node:zlib'
import type { ContentMark } from './object-store.ts'

/** A part as the store gets it. */
export interface PackedPart {
  /** Of the text. */
  readonly content: ContentMark
  /** Gzipped. */
  readonly body: Uint8Array
}

/** Read at a time. A part that is no longer (most are) is zipped here: each thread that zips keeps half a megabyte. */
const READ_BYTES = 1 << 20
const ZIPPED_BYTES = 1 << 16

/**
 * Gzips the first `bytes` of a file: what a crash may have left behind them is not of the part. Of a long one no more
 * than what is zipped is in memory.
 *
 * @throws if it is shorter
 */
export async function packPart(path: string, bytes: number): Promise<PackedPart> {
  const hash = createHash('sha256')
  const text = readText(path, bytes, hash)
  const body = bytes <= READ_BYTES ? await zipAtOnce(text) : await zipInPieces(text)
  return { content: { sha256: hash.digest('hex'), bytes }, body }
}

/** The text, piece by piece, counted into `hash`. */
async function* readText(path: string, bytes: number, hash: Hash): AsyncGenerator<Buffer> {
  await using file = await open(path)
  let offset = 0
  while (offset < bytes) {
    const piece = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, bytes - offset))
    let filled = 0
    while (filled < piece.length) {
      const { bytesRead } = await file.read(piece, filled, piece.length - filled, offset + filled)
      if (bytesRead === 0) throw new Error(`${path} has ${offset + filled} bytes, ${bytes} were synced`)
      filled += bytesRead
    }
    hash.update(piece)
    offset += filled
    yield piece
  }
}

/** Of one piece, or none. */
async function zipAtOnce(text: AsyncIterable<Buffer>): Promise<Buffer> {
  for await (const piece of text) return gzipSync(piece)
  return gzipSync('')
}

async function zipInPieces(text: AsyncIterable<Buffer>): Promise<Buffer> {
  const zipped: Buffer[] = []
  await pipeline(Readable.from(text), createGzip({ chunkSize: ZIPPED_BYTES }), async (pieces) => {
    for await (const piece of pieces as AsyncIterable<Buffer>) zipped.push(piece)
  })
  return Buffer.concat(zipped)
}
