import { open, stat } from 'node:fs/promises'
import type { SourceFile } from './source-file.ts'
import { unreadable } from './unreadable.ts'

/**
 * A part that changed this lately may have a collector that still writes it, and lines that are not on disk yet.
 * A collector syncs at least once a second; the rest is room for a slow disk and for clocks.
 */
const YOUNG_MS = 600_000

/**
 * Syncs a part that may still be written, after it was read and before its rows are committed: what is in bronze
 * is then in the landing too, whatever happens to the machine. Older parts were synced by who wrote them.
 *
 * @throws {KxError} KX_LOAD_FAILED
 */
export async function syncIfYoung(source: SourceFile, nowMs: number): Promise<void> {
  const { path, isPlain, content, changedMs } = source
  // Content that was read whole is what was found: it is as old as it was then.
  if (!isPlain || (content && isOld(changedMs, nowMs))) return
  try {
    const { mode, mtimeMs } = await stat(path)
    if (isSealed(mode) || isOld(mtimeMs, nowMs)) return
    await using file = await open(path)
    await file.datasync()
  } catch (error) {
    throw unreadable(path, error)
  }
}

/** A collector takes the right to be written from a part that gets no more lines, after it was synced. */
function isSealed(mode: number): boolean {
  return (mode & 0o222) === 0
}

/** A time ahead is one of another clock. */
function isOld(changedMs: number, nowMs: number): boolean {
  return nowMs - changedMs > YOUNG_MS
}
