import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** A part of the landing as a file. */
export interface PartFile {
  /** Below the landing directory. */
  readonly path: string
  readonly bytes: number
  /** It lost the right to be written. */
  readonly isSealed: boolean
}

/** Every part below `directory`, dead letters too. One that goes away meanwhile is left out. */
export function partFilesIn(directory: string): PartFile[] {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((path) => {
      const found = statSync(join(directory, path), { throwIfNoEntry: false })
      if (found === undefined) return []
      return [{ path, bytes: found.size, isSealed: (found.mode & 0o222) === 0 }]
    })
}

/** Who writes a part: `part-<collector>-<boot>-<worker>`. */
export function writerOf(path: string): string {
  return /(part-[^/]*)-\d+\.jsonl$/.exec(path)?.[1] ?? path
}
