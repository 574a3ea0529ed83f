import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { linesIn } from '../../collector/landing/index.ts'
import type { CountedLetter } from './letter-groups.ts'

/** Lines of loaded files that could not be read, file by file: what `kx load` wrote below `.kx/dead-letters`. */
export async function* readLoadLetters(directory: string): AsyncGenerator<CountedLetter> {
  const names = await readdir(directory, { recursive: true }).catch((error) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  for (const name of names.filter((one) => one.endsWith('.jsonl')).sort()) {
    for (const text of linesIn(await readFile(join(directory, name)))) {
      const letter = parse(text)
      if (letter !== undefined) yield letter
    }
  }
}

interface WrittenLetter {
  readonly file: string
  readonly line: number
  readonly reason: string
  readonly text: string
}

/** Undefined for a line that a crash tore. */
function parse(line: string): CountedLetter | undefined {
  try {
    const { file, line: number, reason, text } = JSON.parse(line) as WrittenLetter
    return { of: file, reason, at: `line ${number}`, text, isReplayed: false }
  } catch {
    return undefined
  }
}
