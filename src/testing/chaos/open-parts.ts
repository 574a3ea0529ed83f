import { type Dirent, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** A part of the landing as a file. */
export interface PartFile {
  /** Below the landing directory. */
  readonly path: string
  readonly bytes: number
  /** It lost the right to be written. */
  readonly isSealed: boolean
}

/** Every part below `directory`, dead letters too. What goes away meanwhile, folders too, is left out. */
export function partFilesIn(directory: string, below = ''): PartFile[] {
  return entriesOf(join(directory, below)).flatMap((entry) => {
    const path = join(below, entry.name)
    if (entry.isDirectory()) return partFilesIn(directory, path)
    if (!path.endsWith('.jsonl')) return []
    const found = statSync(join(directory, path), { throwIfNoEntry: false })
    if (found === undefined) return []
    return [{ path, bytes: found.size, isSealed: (found.mode & 0o222) === 0 }]
  })
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Who writes a part: `part-<collector>-<boot>-<worker>`. */
export function writerOf(path: string): string {
  return /(part-[^/]*)-\d+\.jsonl$/.exec(path)?.[1] ?? path
}
