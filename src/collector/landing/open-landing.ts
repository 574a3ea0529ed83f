import type { Clock, KxError } from '../../base/index.ts'
import { commitFolders, type FailedFolder, sealFolders } from './commit-folders.ts'
import { type FolderWriter, folderWriter } from './folder-writer.ts'
import type { Landing, SyncedPart } from './landing.ts'
import { type LandingFiles, systemFiles } from './landing-files.ts'
import { troubleTeller } from './landing-trouble.ts'
import { partMaker } from './part-maker.ts'
import { retries } from './retries.ts'

/** What a landing needs. */
export interface LandingOptions {
  /** Absolute. */
  readonly directory: string
  /** `part-<collector>-<boot>-<worker>`: of this writer alone, for ever. */
  readonly partPrefix: string
  readonly clock: Clock
  readonly files?: LandingFiles
  /** Told after each commit of the parts that grew or were sealed, each once. */
  readonly onSynced: (parts: readonly SyncedPart[]) => void
  /** Told once when writing begins to fail, or fails in another way; undefined: it is over. Nothing is lost meanwhile. */
  readonly onTrouble: (error: KxError | undefined) => void
  /** A part is cut before it is longer, bytes; a longer line is a part of its own. */
  readonly largestPart?: number
}

const LARGEST_PART = 64 << 20
/** From the start of one commit to that of the next, ms: with the time that syncing takes, a line is synced within 1 s. */
const COMMIT_EVERY_MS = 800
/** Bytes that wait for a commit and do not wait for its time: a flood is not to stand before a worker that has no room. */
const EARLY_BYTES = 4 << 20
/** Files that stay open between commits. */
const OPEN_FILES = 128

/**
 * The append-only files of one writer: takes lines into memory and commits them together, at most one commit at a
 * time. What a full or failing disk refuses stays in memory, in order, and is tried again for as long as it takes.
 */
export function openLanding(options: LandingOptions): Landing {
  const { clock } = options
  const folders = openFolders(options)
  let waiting: Waiting[] = []
  let ticket = 0
  let isClosing = false
  let wake = new AbortController()

  const pause = async (untilMs: number): Promise<void> => {
    const isAsked = isClosing || waiting.length > 0 || folders.pendingBytes() >= EARLY_BYTES
    const isWanted = isAsked && !folders.isFailing()
    const ms = untilMs - clock.monotonicMs()
    if (!isWanted && ms > 0) await clock.sleep(ms, wake.signal)
    if (wake.signal.aborted) wake = new AbortController()
  }
  const run = async (): Promise<void> => {
    let startedMs = clock.monotonicMs()
    while (!isClosing || folders.hasWork()) {
      await pause(startedMs + COMMIT_EVERY_MS)
      startedMs = clock.monotonicMs()
      await folders.commit(isClosing)
      const oldest = folders.oldest()
      for (const { resolve } of waiting.filter((one) => one.ticket < oldest)) resolve()
      waiting = waiting.filter((one) => one.ticket >= oldest)
    }
  }
  const running = run()
  return {
    append(lines) {
      if (isClosing) throw new Error('the landing is closed')
      ticket += 1
      for (const line of lines) folders.add(line.folder, line.text, ticket)
      // An abort makes an error with its stack each time, which costs more than a line.
      if (folders.pendingBytes() >= EARLY_BYTES && !wake.signal.aborted) wake.abort()
    },
    pendingBytes: () => folders.pendingBytes(),
    async commit() {
      if (folders.pendingBytes() === 0) return
      await new Promise<void>((resolve) => {
        waiting.push({ ticket, resolve })
        wake.abort()
      })
    },
    async [Symbol.asyncDispose]() {
      isClosing = true
      wake.abort()
      await running
    },
  }
}

/** Somebody who waits until everything up to an append is on disk. */
interface Waiting {
  readonly ticket: number
  readonly resolve: () => void
}

/** The folders that lines wait for or that have an open part. */
interface Folders {
  add(folder: string, text: string, ticket: number): void
  /** Writes and syncs what waits, seals what is due (`isLast`: everything), and tells of it. */
  commit(isLast: boolean): Promise<void>
  pendingBytes(): number
  /** Append number of the oldest line that is not synced; Infinity: all are. */
  oldest(): number
  isFailing(): boolean
  hasWork(): boolean
}

function openFolders(options: LandingOptions): Folders {
  const { directory, partPrefix, clock, files = systemFiles, largestPart = LARGEST_PART } = options
  const maker = partMaker(files, directory, partPrefix)
  const tell = troubleTeller(options.onTrouble)
  const monotonicMs = () => clock.monotonicMs()
  const failures = retries(monotonicMs)
  const writers = new Map<string, FolderWriter>()
  const published = new Map<string, SyncedPart>()
  let pendingBytes = 0

  const publish = (part: SyncedPart, addedBytes: number) => {
    published.set(part.path, part)
    pendingBytes -= addedBytes
  }
  const newWriter = (folder: string): FolderWriter => {
    const writer = folderWriter({ folder, maker, largestPart, monotonicMs, publish })
    writers.set(folder, writer)
    return writer
  }
  const chosen = (isChosen: (writer: FolderWriter) => boolean) =>
    [...writers.values()].filter((writer) => isChosen(writer) && failures.isDue(writer.folder))
  const note = (tried: readonly FolderWriter[], failed: readonly FailedFolder[]) => {
    for (const { writer, error } of failed) failures.failed(writer.folder, error)
    const failing = new Set(failed.map(({ writer }) => writer))
    for (const writer of tried) if (!failing.has(writer)) failures.worked(writer.folder)
  }
  return {
    add(folder, text, ticket) {
      pendingBytes += (writers.get(folder) ?? newWriter(folder)).lines.add(text, ticket)
    },
    async commit(isLast) {
      const full = chosen((writer) => writer.lines.bytes() > 0)
      note(full, await commitFolders(full))
      const due = chosen((writer) => (isLast && writer.lines.bytes() === 0) || writer.isDue(clock.now()))
      note(due, await sealFolders(due))
      for (const { folder, lines, part } of due)
        if (part() === undefined && lines.bytes() === 0) writers.delete(folder)
      await restFiles([...writers.values()])
      tell(failures.errors())
      if (published.size > 0) options.onSynced([...published.values()])
      published.clear()
    },
    pendingBytes: () => pendingBytes,
    oldest() {
      let oldest = Number.POSITIVE_INFINITY
      for (const { lines } of writers.values()) oldest = Math.min(oldest, lines.oldest())
      return oldest
    },
    isFailing: () => failures.errors().size > 0,
    hasWork: () => writers.size > 0,
  }
}

/** Closes the handles of parts beyond OPEN_FILES, those that were made first. They are opened again when needed. */
async function restFiles(writers: readonly FolderWriter[]): Promise<void> {
  const open = writers.flatMap((writer) => writer.part() ?? []).filter((part) => part.hasHandle())
  for (const part of open.slice(0, Math.max(0, open.length - OPEN_FILES))) await part.rest()
}
