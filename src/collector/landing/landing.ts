import type { LandingLine } from '../record/index.ts'

/** A part and how much of it is on disk for good. */
export interface SyncedPart {
  /** Below the landing directory, with `/`: `exchange=kraken/…/part-….jsonl`. */
  readonly path: string
  /** Its first so many bytes are synced and end at a line. */
  readonly bytes: number
  /** Nothing is added any more. */
  readonly isSealed: boolean
}

/** The append-only files of one writer. One writer owns its parts; no two share one. */
export interface Landing extends AsyncDisposable {
  /** Takes lines into memory, in order. All lines of one call are committed together. */
  append(lines: readonly LandingLine[]): void
  /** Taken and not yet synced, bytes. */
  pendingBytes(): number
  /** Writes and syncs what was taken before; resolves when that is on disk. Waits as long as the disk needs. */
  commit(): Promise<void>
  /** Commits and seals every part. */
  [Symbol.asyncDispose](): Promise<void>
}
