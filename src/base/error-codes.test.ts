import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exitCodesByError } from './error-codes.ts'

const root = new URL('../..', import.meta.url).pathname

/** `KX_USAGE 2` for each row of the tables. */
const documented = readFileSync(join(root, 'docs/errors.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, code, exit] = /^\| (KX_[A-Z_]+) \| (\d+) \|/.exec(line) ?? []
    return code === undefined ? [] : [`${code} ${exit}`]
  })

test('docs/errors.md lists every code with its exit code, and no other', () => {
  const inCode = Object.entries(exitCodesByError).map(([code, exit]) => `${code} ${exit}`)

  expect([...documented].sort()).toEqual(inCode.sort())
})

test('every code is raised somewhere', () => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.endsWith('error-codes.ts'))
    .map((file) => readFileSync(join(root, 'src', file), 'utf8'))
    .join('\n')

  expect(Object.keys(exitCodesByError).filter((code) => !sources.includes(`'${code}'`))).toEqual([])
})
