import { type FileHandle, open } from 'node:fs/promises'
import { KxError } from '../../base/index.ts'
import { unreadable } from './unreadable.ts'

const READ_BYTES = 131_072

/** A piece of a file. */
export interface ByteRange {
  readonly path: string
  readonly fromByte: number
  /** Exclusive. */
  readonly toByte: number
}

/** The first bytes of a range: as many as are read at a time, or as there are. @throws {KxError} KX_LOAD_FAILED */
export async function readRange(range: ByteRange): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(Math.min(range.toByte - range.fromByte, READ_BYTES))
  try {
    await using file = await open(range.path)
    return await fill(file, buffer, range)
  } catch (error) {
    throw unreadable(range.path, error)
  }
}

/**
 * A range, piece by piece; each is good until the next one is asked for.
 *
 * @throws {KxError} KX_LOAD_FAILED; behind the last piece there is, if the file is too short
 */
export async function* readRanges({ path, fromByte, toByte }: ByteRange): AsyncGenerator<Uint8Array> {
  if (fromByte >= toByte) return
  const buffer = Buffer.allocUnsafeSlow(Math.min(toByte - fromByte, READ_BYTES))
  try {
    await using file = await open(path)
    for (let at = fromByte; at < toByte; ) {
      const piece = await fill(file, buffer, { path, fromByte: at, toByte })
      if (piece.length === 0) throw shorterError(path)
      at += piece.length
      yield piece
    }
  } catch (error) {
    throw unreadable(path, error)
  }
}

async function fill(file: FileHandle, buffer: Buffer, { fromByte, toByte }: ByteRange): Promise<Buffer> {
  const wanted = Math.min(toByte - fromByte, buffer.length)
  const { bytesRead } = await file.read(buffer, 0, wanted, fromByte)
  return buffer.subarray(0, bytesRead)
}

/** The error for a part that lost what was synced. */
function shorterError(path: string): KxError {
  return new KxError('KX_LOAD_FAILED', `${path} is shorter than what was synced of it`, {
    hint: 'Nothing but a collector may write below the landing directory; see if the disk is well.',
    at: { file: path },
  })
}
