import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { clockOf } from './clock.ts'

function aFile(content: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'kx-clock-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const file = join(directory, 'clock.json')
  writeFileSync(file, content)
  return file
}

const refused = (said: string) =>
  expect.objectContaining({ code: 'KX_USAGE', message: expect.stringContaining(`is not a clock: ${said}`) })

test.each([
  ['nonsense', 'nonsense: ENOENT'],
  ['/', '/: EISDIR'],
  ['{', '{'],
  ['{"factor":0,"realMs":1,"atMs":1}', '{"factor":0'],
  ['{"factor":60}', '{"factor":60}'],
])('KX_CLOCK=%s is refused, with what is wrong', (text, said) => {
  expect(() => clockOf({ KX_CLOCK: text })).toThrow(refused(said))
})

test('KX_CLOCK may be a file that holds a clock, and nothing else', () => {
  const atMs = 1_714_568_400_000
  const clock = clockOf({ KX_CLOCK: aFile(JSON.stringify({ factor: 60, realMs: 0, atMs })) })

  expect(clock.now()).toBeGreaterThan(atMs)
  expect(() => clockOf({ KX_CLOCK: aFile('noon') })).toThrow(refused('noon'))
})
