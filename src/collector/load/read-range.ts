import { open } from 'node:fs/promises'
import { KxError } from '../../base/index.ts'
import { unreadable } from './unreadable.ts'

const READ_BYTES = 262_144

/** A piece of a file. */
export interface ByteRange {
  readonly path: string
  readonly fromByte: number
  /** Exclusive. */
  readonly toByte: number
}

/** The first bytes of a range, as many as are read at a time. @throws {KxError} KX_LOAD_FAILED */
export async function readRange({ path, fromByte, toByte }: ByteRange): Promise<Uint8Array> {
  const wanted = Math.min(toByte - fromByte, READ_BYTES)
  try {
    await using file = await open(path)
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafeSlow(wanted), 0, wanted, fromByte)
    if (bytesRead === wanted) return buffer
  } catch (error) {
    throw unreadable(path, error)
  }
  throw shorterError(path)
}

/** The error for a part that lost what was synced. */
export function shorterError(path: string): KxError {
  return new KxError('KX_LOAD_FAILED', `${path} is shorter than what was synced of it`, {
    hint: 'Nothing but a collector may write below the landing directory; see if the disk is well.',
    at: { file: path },
  })
}

/** A range, piece by piece. @throws {KxError} KX_LOAD_FAILED */
export async function* readRanges({ path, fromByte, toByte }: ByteRange): AsyncGenerator<Uint8Array> {
  for (let at = fromByte; at < toByte; ) {
    const bytes = await readRange({ path, fromByte: at, toByte })
    at += bytes.length
    yield bytes
  }
}
