import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readLines } from './read-lines.ts'

async function linesOf(content: string | Buffer): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'kx-lines-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'frames.jsonl')
  writeFileSync(file, content)
  const lines: string[] = []
  for await (const line of readLines(file)) lines.push(line)
  return lines
}

test.each([
  ['', []],
  ['a', ['a']],
  ['a\nb', ['a', 'b']],
  ['a\r\n\n"\u2028"\n', ['a', '', '"\u2028"']],
])('%j', async (content, lines) => {
  expect(await linesOf(content)).toEqual(lines)
})

test('a line longer than what is read at once stays one line, whatever letter is cut', async () => {
  const long = 'é€'.repeat(300_000)

  expect(await linesOf(`x\n${long}\n${long}`)).toEqual(['x', long, long])
})
