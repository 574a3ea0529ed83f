import { createHash } from 'node:crypto'
import { type Block, readBlocks } from './blocks.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { BadLine, LinePump } from './line-pump.ts'
import type { LoadedSegment } from './load-ledger.ts'

/** What is read, from where on, and who takes it. */
export interface FileReaderOptions {
  /** What the ledger calls it. */
  readonly file: Pick<LoadedSegment, 'relation' | 'landingFile' | 'fingerprint' | 'format'>
  /** Bytes before the first line of data: a byte order mark, a header. */
  readonly dataOffset: number
  /** A last line without its end is still being written: it is left alone. */
  readonly isGrowing: boolean
  /** What the ledger has already. */
  readonly fromByte: number
  readonly isLineOpen: boolean
  readonly pump: LinePump
  readonly bad: BadLine[]
  readonly deadLetters: DeadLetters
  readonly begin: () => Promise<unknown>
  /** Sends rows when the pump's buffer is full. */
  readonly send: () => Promise<void>
}

/** How far a file has been read. */
export interface ReadPosition {
  readonly offset: number
  /** What stands after the last line end and was not taken. */
  readonly leftBytes: number
}

/** Reads one file, in one go or bit by bit as it grows. */
export interface FileReader {
  /** Bytes that were read, or that the ledger had: what comes next begins there. */
  offset(): number
  /** What of a whole content follows `offset()`; what is before it only goes into the checksum. */
  skipPrefix(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>
  /** Reads what follows `offset()`, block by block; after each block it may be committed. */
  read(content: AsyncIterable<Uint8Array>): AsyncGenerator<ReadPosition>
  /** Closes what was read since the last time as one segment for the ledger; undefined: nothing was. */
  takeSegment(): LoadedSegment | undefined
  /** Bad lines that are not on disk yet go there. */
  writeBad(): Promise<void>
  readonly deadLetterPath: string
}

const LF = 0x0a
/** Bad lines that are held in memory before they go to disk. */
const BAD_LINES = 1000

/** A reader that goes on where the ledger says. */
export function createFileReader(options: FileReaderOptions): FileReader {
  const { file, pump, bad, deadLetters, isGrowing } = options
  const hash = createHash('sha256')
  let offset = Math.max(options.fromByte, options.dataOffset)
  let segmentFrom = options.fromByte
  let lineFrom = pump.nextLine()
  let isLineOpen = options.isLineOpen

  /** @returns false for a last line that is left for the next time */
  async function take({ bytes, kind }: Block): Promise<boolean> {
    if (kind === 'tail' && (isGrowing || !pump.accepts(bytes))) return false
    await options.begin()
    if (kind === 'long') return true
    if (kind === 'long-end') {
      pump.reject({ reason: 'the line is longer than 1 MiB', text: '' })
      return true
    }
    // The end of a line that was taken without it.
    pump.load(isLineOpen ? bytes.subarray(bytes.indexOf(LF) + 1) : bytes)
    isLineOpen = kind === 'tail'
    while (!pump.step()) await options.send()
    return true
  }
  async function writeBad(): Promise<void> {
    if (bad.length > 0) await deadLetters.append(bad.splice(0))
  }

  return {
    offset: () => offset,
    async *skipPrefix(content) {
      let left = offset
      for await (const bytes of content) {
        const cut = Math.min(left, bytes.length)
        if (cut > 0) hash.update(bytes.subarray(0, cut))
        left -= cut
        if (cut < bytes.length) yield cut === 0 ? bytes : bytes.subarray(cut)
      }
    },
    async *read(content) {
      for await (const block of readBlocks(content)) {
        if (!(await take(block))) return yield { offset, leftBytes: block.bytes.length }
        hash.update(block.bytes)
        offset += block.bytes.length
        if (bad.length >= BAD_LINES) await writeBad()
        // No commit inside a line: the next load would begin to read in its middle.
        if (block.kind !== 'long') yield { offset, leftBytes: 0 }
      }
    },
    takeSegment() {
      if (offset === segmentFrom) return undefined
      const { rows, quiet, bad: badLines, firstStartMs, lastStartMs } = pump.takeCounts()
      const segment: LoadedSegment = {
        relation: file.relation,
        landingFile: file.landingFile,
        fingerprint: file.fingerprint,
        format: file.format,
        fromByte: segmentFrom,
        toByte: offset,
        fromLine: lineFrom,
        toLine: pump.nextLine(),
        checksum: hash.copy().digest('hex'),
        isLineOpen,
        carry: pump.carry(),
        rows,
        quietRows: quiet,
        badLines,
        firstStartMs,
        lastStartMs,
      }
      segmentFrom = offset
      lineFrom = pump.nextLine()
      return segment
    },
    writeBad,
    deadLetterPath: deadLetters.path,
  }
}
