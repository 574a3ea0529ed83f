import { createReadStream } from 'node:fs'

/**
 * The lines of a file, the last one whether it is ended or not. Not readline's: that one ends lines at U+2028 too,
 * which JSON may hold.
 */
export async function* readLines(file: string): AsyncGenerator<string> {
  const parts: string[] = []
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 18 })) {
    const [first = '', ...others] = String(chunk).split('\n')
    parts.push(first)
    for (const other of others) {
      yield lineOf(parts.splice(0))
      parts.push(other)
    }
  }
  const last = lineOf(parts)
  if (last !== '') yield last
}

function lineOf(parts: readonly string[]): string {
  const line = parts.join('')
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
