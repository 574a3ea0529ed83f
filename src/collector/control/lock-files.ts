import { link, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A socket that takes a lock, before it has it. */
const WAITING = 'taking-'
const HELD = /^lock-(\d{1,15})$/
/** Older locks that stay: a directory read while several locks change hands still shows one of them. */
const KEPT = 8
/** A socket that waits is given up by its process long before this, ms. */
const FORGOTTEN_MS = 60_000

/** Name of a socket that takes the lock; `unique` to its process. */
export const waitingName = (unique: string) => `${WAITING}${unique}`
/** Name of the socket that has the lock in its n-th generation. */
export const heldName = (generation: number) => `lock-${generation}`

/** The newest generation in the directory, held or left behind; 0 if there was none yet. */
export async function newestGeneration(directory: string): Promise<number> {
  return Math.max(0, ...(await readdir(directory)).map(generationOf))
}

/**
 * Gives the waiting socket the next generation, unless another process was faster.
 *
 * A generation is linked once and for ever, and the newest is never removed: so one of many wins, without a moment
 * in which a socket left behind is taken away from under a new owner.
 */
export async function claimGeneration(
  directory: string,
  waiting: string,
  generation: number,
): Promise<boolean> {
  const held = join(directory, heldName(generation))
  try {
    await link(join(directory, waiting), held)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  // Who slept through a whole life of another owner may find an old name free.
  if ((await newestGeneration(directory)) === generation) return true
  await rm(held, { force: true })
  return false
}

/** Removes what owners before `generation` left behind. */
export async function removeOld(directory: string, generation: number, nowMs: number): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name)
    const past = generationOf(name)
    if (past > 0 ? past <= generation - KEPT : await isForgotten(path, name, nowMs)) {
      await rm(path, { force: true })
    }
  }
}

async function isForgotten(path: string, name: string, nowMs: number): Promise<boolean> {
  if (!name.startsWith(WAITING)) return false
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && nowMs - found.mtimeMs > FORGOTTEN_MS
}

function generationOf(name: string): number {
  return Number(HELD.exec(name)?.[1] ?? 0)
}
