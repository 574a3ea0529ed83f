import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeLanding } from './make-landing.ts'

function aDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kx-landing-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

test('a landing is made with the folders above it, once', async () => {
  const landing = join(aDirectory(), 'a', 'b', 'landing')

  await makeLanding(landing)
  await makeLanding(landing)

  expect(statSync(landing).isDirectory()).toBe(true)
})

test('where a file stands in its place, the landing is refused by name', async () => {
  const file = join(aDirectory(), 'landing')
  writeFileSync(file, '')

  for (const landing of [file, join(file, 'below')]) {
    await expect(makeLanding(landing)).rejects.toMatchObject({
      code: 'KX_LANDING_FAILED',
      message: expect.stringContaining(landing),
    })
  }
})

test.runIf(process.platform === 'linux')('a folder that takes no others ends in an error', async () => {
  await expect(makeLanding('/proc/kx/landing')).rejects.toMatchObject({ code: 'KX_LANDING_FAILED' })
})
