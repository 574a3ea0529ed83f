import { createReadStream, existsSync } from 'node:fs'
import { mkdir, open, rm, truncate } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { BadLine } from './line-pump.ts'

/** The dead-letter file of one loaded file. */
export interface DeadLetters {
  readonly path: string
  /**
   * Takes away what an earlier load wrote of `fromLine` and later without committing it, so that reading
   * those lines once more does not write them twice.
   */
  prepare(fromLine: number): Promise<void>
  /** Appends bad lines and syncs them: they are on disk before their neighbours are committed. */
  append(bad: readonly BadLine[]): Promise<void>
}

/** The dead letters of a file, below `<state directory>/dead-letters/`. */
export function deadLettersOf(stateDirectory: string, landingFile: string): DeadLetters {
  const safe = landingFile.replace(/^\/+/, '').replaceAll('..', '__')
  const path = join(stateDirectory, 'dead-letters', `${safe}.jsonl`)
  return {
    path,
    async prepare(fromLine) {
      if (!existsSync(path)) return
      const bytes = await bytesBefore(path, fromLine)
      await (bytes === 0 ? rm(path) : truncate(path, bytes))
    },
    async append(bad) {
      await mkdir(dirname(path), { recursive: true })
      await using file = await open(path, 'a')
      // Unlike `write`, it fails where a full disk takes a part of it.
      await file.appendFile(bad.map((one) => `${JSON.stringify({ file: landingFile, ...one })}\n`).join(''))
      await file.sync()
    },
  }
}

async function bytesBefore(path: string, fromLine: number): Promise<number> {
  let bytes = 0
  for await (const text of createInterface({ input: createReadStream(path) })) {
    if (!(lineOf(text) < fromLine)) break
    bytes += Buffer.byteLength(text) + 1
  }
  return bytes
}

/** NaN for a line that a crash tore. */
function lineOf(text: string): number {
  try {
    return Number((JSON.parse(text) as Partial<BadLine>).line)
  } catch {
    return Number.NaN
  }
}
