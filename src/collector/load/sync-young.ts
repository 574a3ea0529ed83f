import { open, stat } from 'node:fs/promises'
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
export async function syncIfYoung(path: string, nowMs: number): Promise<void> {
  try {
    const status = await stat(path)
    // A time ahead is one of another clock.
    if (nowMs - status.mtimeMs > YOUNG_MS) return
    await using file = await open(path)
    await file.datasync()
  } catch (error) {
    throw unreadable(path, error)
  }
}
