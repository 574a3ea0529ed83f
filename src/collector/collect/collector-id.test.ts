import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { randomId, readBeginning, readCollectorId } from './collector-id.ts'

function aStateDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kx-id-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

test('a collector keeps its id and its beginning over restarts', async () => {
  const state = aStateDirectory()
  const id = await readCollectorId(state, Math.random)
  const beganMs = await readBeginning(state, 1000)

  expect(id).toMatch(/^[0-9a-z]{8}$/)
  expect(await readCollectorId(state, Math.random)).toBe(id)
  expect(await readBeginning(state, 99_999)).toBe(beganMs)
})

test('an id never holds what separates it in a file name', () => {
  for (let i = 0; i < 1000; i += 1) expect(randomId(Math.random)).toMatch(/^[0-9a-z]{8}$/)
  expect(randomId(() => 0.999_999_9)).toBe('zzzzzzzz')
})

test.each([['../etc'], [''], ['ABCDEFGH']])('a file that holds %j is not taken for an id', async (text) => {
  const state = aStateDirectory()
  writeFileSync(join(state, 'collector-id'), text)
  writeFileSync(join(state, 'began'), text)

  await expect(readCollectorId(state, Math.random)).rejects.toMatchObject({ code: 'KX_COLLECT_STATE' })
  await expect(readBeginning(state, 0)).rejects.toMatchObject({ code: 'KX_COLLECT_STATE' })
})
