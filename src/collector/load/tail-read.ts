import { join } from 'node:path'
import type { ReadPosition } from './file-reader.ts'
import { type ByteRange, readRange, readRanges } from './read-range.ts'
import { asFileProblem, type TailProblem } from './tail-result.ts'
import type { TailReading, TailState } from './tail-state.ts'

/** The next bytes of a part that was read before, on their way while others are loaded. */
export function readBeginning(state: TailState, reading: TailReading): Promise<Uint8Array> | undefined {
  const range = rangeOf(state, reading)
  if (reading.candidate !== undefined || range.fromByte >= range.toByte) return undefined
  const beginning = readRange(range)
  // It is awaited in its turn; until then its failure is nobody's.
  beginning.catch(() => undefined)
  return beginning
}

/**
 * Reads a part as far as it is synced, block by block; after each block it may be committed.
 *
 * @returns why it was not read to that end
 */
export async function* readPart(
  state: TailState,
  reading: TailReading,
  beginning: Promise<Uint8Array> | undefined,
): AsyncGenerator<ReadPosition, TailProblem | undefined> {
  const { reader } = reading.open
  try {
    yield* reader.read(contentFrom(state, reading, beginning))
    return undefined
  } catch (error) {
    return asFileProblem(error)
  }
}

/** What follows what was read; of a part that is new here its old content too, for the checksum alone. */
async function* contentFrom(
  state: TailState,
  reading: TailReading,
  beginning: Promise<Uint8Array> | undefined,
): AsyncGenerator<Uint8Array> {
  const { candidate, open } = reading
  const range = rangeOf(state, reading)
  if (candidate) return yield* open.reader.skipPrefix(readRanges({ ...range, fromByte: 0 }))
  if (beginning === undefined) return
  const bytes = await beginning
  yield bytes
  yield* readRanges({ ...range, fromByte: range.fromByte + bytes.length })
}

function rangeOf({ landingDirectory }: TailState, { part, open }: TailReading): ByteRange {
  return { path: join(landingDirectory, part.path), fromByte: open.reader.offset(), toByte: part.bytes }
}
