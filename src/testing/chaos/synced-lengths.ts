import { statSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../base/index.ts'
import { type PartFile, partFilesIn, writerOf } from './open-parts.ts'

const LOOK_EVERY_MS = 10
/**
 * A commit writes each part once and syncs all before the next one writes. A look may fall into a write and see two
 * changes of one: of four changes of one part the last is of a commit that began after the first was synced.
 */
const ENOUGH_CHANGES = 4
const MOST_TIMES = 6

/**
 * What of each part is surely synced, without asking its writer: all that it held before its writer wrote twice.
 * Looks for `forMs`, machine time, and longer for a writer that wrote too little to tell. Sealed parts count whole;
 * parts of writers that did not write at all are left out.
 */
export async function watchSynced(directory: string, forMs: number): Promise<Map<string, number>> {
  const startMs = systemClock.monotonicMs()
  const parts = partFilesIn(directory)
  const open = parts.filter(({ isSealed }) => !isSealed)
  const sizes = new Map(open.map(({ path, bytes }) => [path, bytes]))
  const changes = new Map<string, number>()
  const isSure = (writer: string) =>
    open.some(({ path }) => writerOf(path) === writer && (changes.get(path) ?? 0) >= ENOUGH_CHANGES)
  const writers = [...new Set(open.map(({ path }) => writerOf(path)))]
  const isWriting = (writer: string) => [...changes.keys()].some((path) => writerOf(path) === writer)
  const isEnough = () => {
    const ms = systemClock.monotonicMs() - startMs
    if (writers.every(isSure) || ms > MOST_TIMES * forMs) return true
    return ms > forMs && writers.filter(isWriting).every(isSure)
  }
  while (!isEnough()) {
    await systemClock.sleep(LOOK_EVERY_MS)
    for (const { path } of open) {
      const bytes = statSync(join(directory, path), { throwIfNoEntry: false })?.size ?? 0
      if (bytes === sizes.get(path)) continue
      sizes.set(path, bytes)
      changes.set(path, (changes.get(path) ?? 0) + 1)
    }
  }
  const isKnown = ({ path, isSealed }: PartFile) => isSealed || isSure(writerOf(path))
  return new Map(parts.filter(isKnown).map(({ path, bytes }) => [path, bytes]))
}
