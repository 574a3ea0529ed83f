import { createHash, type Hash } from 'node:crypto'
import { type Block, readBlocks } from './blocks.ts'
import type { Candidate } from './candidate.ts'
import type { Chunk } from './chunk.ts'
import type { DeadLetters } from './dead-letters.ts'
import { contentOf } from './known-file.ts'
import type { BadLine, LinePump } from './line-pump.ts'
import type { LoadedSegment } from './load-ledger.ts'

/** Where reading begins and who takes what is read. */
export interface FileLoad {
  readonly candidate: Candidate
  readonly landingFile: string
  readonly fromByte: number
  readonly isLineOpen: boolean
  readonly pump: LinePump
  readonly bad: BadLine[]
  readonly deadLetters: DeadLetters
  readonly chunk: Chunk
}

/** How far a file has been read. */
export interface ReadPosition {
  readonly offset: number
  /** What stands after the last line end and was not taken. */
  readonly leftBytes: number
  /** Closes what was read since the last time as one segment for the ledger. */
  segment(): LoadedSegment
}

const LF = 0x0a
/** Bad lines that are held in memory before they go to disk. */
const BAD_LINES = 1000

/** Reads a file on, block by block, into the chunk; after each block it may be committed. */
export async function* readFileOn(load: FileLoad): AsyncGenerator<ReadPosition> {
  const { candidate, pump } = load
  const hash = createHash('sha256')
  const skip = Math.max(load.fromByte, candidate.format.dataOffset)
  const state = {
    offset: skip,
    segmentFrom: load.fromByte,
    lineFrom: pump.nextLine(),
    isLineOpen: load.isLineOpen,
    leftBytes: 0,
  }
  const position = (): ReadPosition => ({
    offset: state.offset,
    leftBytes: state.leftBytes,
    segment: () => takeSegment(load, hash, state),
  })
  for await (const block of readBlocks(afterPrefix(candidate, skip, hash))) {
    if (!(await takeBlock(load, block, state))) {
      state.leftBytes = block.bytes.length
      break
    }
    hash.update(block.bytes)
    state.offset += block.bytes.length
    if (load.bad.length >= BAD_LINES) await load.deadLetters.append(load.bad.splice(0))
    // No commit inside a line: the next load would begin to read in its middle.
    if (block.kind !== 'long') yield position()
  }
  yield position()
}

interface ReadState {
  offset: number
  segmentFrom: number
  lineFrom: number
  isLineOpen: boolean
  leftBytes: number
}

/** @returns false for a last line that is left for the next time */
async function takeBlock(load: FileLoad, { bytes, kind }: Block, state: ReadState): Promise<boolean> {
  const { candidate, chunk, pump } = load
  if (kind === 'long') return true
  if (kind === 'long-end') {
    pump.reject({ reason: 'the line is longer than 1 MiB', text: '' })
    return true
  }
  if (kind === 'tail' && (candidate.format.isGrowing || !pump.accepts(bytes))) return false
  await chunk.begin()
  // The end of a line that was taken without it.
  pump.load(state.isLineOpen ? bytes.subarray(bytes.indexOf(LF) + 1) : bytes)
  state.isLineOpen = kind === 'tail'
  while (!pump.step(chunk.encoder)) await chunk.send()
  return true
}

function takeSegment(load: FileLoad, hash: Hash, state: ReadState): LoadedSegment {
  const { candidate, pump } = load
  const counts = pump.takeCounts()
  const segment: LoadedSegment = {
    landingFile: load.landingFile,
    fingerprint: candidate.fingerprint,
    format: candidate.format.name,
    fromByte: state.segmentFrom,
    toByte: state.offset,
    fromLine: state.lineFrom,
    toLine: pump.nextLine(),
    checksum: hash.copy().digest('hex'),
    isLineOpen: state.isLineOpen,
    carry: pump.carry(),
    rows: counts.rows,
    quietRows: counts.quiet,
    badLines: counts.bad,
    firstStartMs: counts.firstStartMs,
    lastStartMs: counts.lastStartMs,
  }
  state.segmentFrom = state.offset
  state.lineFrom = pump.nextLine()
  return segment
}

/** The content behind `skip` bytes, which only go into the hash. */
async function* afterPrefix(candidate: Candidate, skip: number, hash: Hash): AsyncGenerator<Uint8Array> {
  let offset = 0
  for await (const chunk of contentOf(candidate)) {
    const cut = Math.min(Math.max(skip - offset, 0), chunk.length)
    if (cut > 0) hash.update(chunk.subarray(0, cut))
    offset += chunk.length
    if (cut < chunk.length) yield cut === 0 ? chunk : chunk.subarray(cut)
  }
}
