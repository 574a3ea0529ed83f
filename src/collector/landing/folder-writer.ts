import { hourEndOf } from './hour-end.ts'
import type { SyncedPart } from './landing.ts'
import { cutBatch, type LineBatch, type LineBuffer, lineBuffer } from './line-buffer.ts'
import type { Part } from './part.ts'
import type { PartMaker } from './part-maker.ts'

/** All lines of one folder: those that wait, and the part that is open. */
export interface FolderWriter {
  readonly folder: string
  /** What waits. */
  readonly lines: LineBuffer
  /** Takes what waits, to write it now; what comes meanwhile waits for the next time. */
  take(): void
  /** Whether something of what was taken is still to be written. */
  hasTaken(): boolean
  /** Writes what was taken, as far as it fits into one part. */
  write(): Promise<void>
  /** Makes count what was written. */
  sync(): Promise<void>
  /** Gives back what was taken and does not count: a step failed. */
  giveBack(): void
  /** The open part. */
  part(): Part | undefined
  /** Whether its hour is over and it had its time. */
  isDue(wallMs: number): boolean
  seal(): Promise<void>
}

export interface FolderWriterOptions {
  readonly folder: string
  readonly maker: PartMaker
  /** A part is cut before it is longer, bytes. */
  readonly largestPart: number
  readonly monotonicMs: () => number
  /** Told of each part that grew, by so many bytes, or was sealed. */
  readonly publish: (part: SyncedPart, addedBytes: number) => void
}

/** A part is sealed this long after its hour's end: most late lines are in by then. */
const SETTLE_MS = 120_000
/** A part is open for so long at least: lines that trickle into an old hour do not each become a part. */
const GRACE_MS = 60_000
/** Bytes that are written at once. */
const LARGEST_CHUNK = 1 << 20

/** The writer of a folder. A part is made when there is something to write. */
export function folderWriter(options: FolderWriterOptions): FolderWriter {
  const { folder, maker, largestPart, monotonicMs, publish } = options
  const lines = lineBuffer(Math.min(LARGEST_CHUNK, largestPart))
  const endMs = hourEndOf(folder) ?? Number.POSITIVE_INFINITY
  let taken: LineBatch | undefined
  let rest: LineBatch | undefined
  let part: Part | undefined
  let openedMs = 0

  const seal = async (): Promise<void> => {
    const sealed = await part?.seal()
    part = undefined
    if (sealed !== undefined) publish(sealed, 0)
  }
  const partWithRoom = async (bytes: number): Promise<Part> => {
    const isFull = part !== undefined && part.bytes() > 0 && part.bytes() + bytes > largestPart
    if (isFull || part?.isTrusted() === false) await seal()
    if (part === undefined) {
      part = await maker.make(folder)
      openedMs = monotonicMs()
    }
    return part
  }
  return {
    folder,
    lines,
    take() {
      if (lines.bytes() > 0) taken = lines.take()
    },
    hasTaken: () => taken !== undefined,
    async write() {
      if (taken === undefined) return
      const open = await partWithRoom(taken.chunks[0]?.length ?? 0)
      const cut = cutBatch(taken, largestPart - open.bytes())
      rest = cut.rest
      await open.write(cut.head.chunks)
    },
    async sync() {
      if (part === undefined) return
      const before = part.bytes()
      const synced = await part.sync()
      publish(synced, synced.bytes - before)
      taken = rest
      rest = undefined
    },
    giveBack() {
      if (taken !== undefined) lines.putBack(taken)
      taken = undefined
      rest = undefined
    },
    part: () => part,
    isDue: (wallMs) =>
      part !== undefined && wallMs >= endMs + SETTLE_MS && monotonicMs() - openedMs >= GRACE_MS,
    seal,
  }
}
