import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { version } from '../cli/shared/version.ts'

const root = new URL('../..', import.meta.url).pathname

const files = ['src', 'bench', 'scripts', 'models', 'macros', 'tests'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|js|mjs|sql|yml)$/.test(file))
    .map((file) => join(folder, file)),
)

test('no file is over 300 lines', () => {
  const lines = (file: string) => readFileSync(join(root, file), 'utf8').split('\n').length - 1

  expect(files.filter((file) => lines(file) > 300)).toEqual([])
})

test("kx --version is package.json's", () => {
  const { version: published } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string
  }

  expect(version).toBe(published)
})
