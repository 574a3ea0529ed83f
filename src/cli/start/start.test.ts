import { spawnSync } from 'node:child_process'
import {
  chownSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bundleKx, type KxBundle } from '../../testing/chaos/kx-bundle.ts'
import { buildProgram } from '../program.ts'
import { SERVICES, SHORT_COMMANDS } from './commands.ts'

let bundle: KxBundle
let code: string
beforeAll(async () => {
  bundle = await bundleKx()
  code = join(bundle.directory, 'code')
})
afterAll(() => bundle[Symbol.dispose]())
beforeEach(() => rmSync(code, { recursive: true, force: true }))

const kx = (...args: readonly string[]): string => node(bundle.program, ...args)

function node(...args: readonly string[]): string {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args)
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status ?? signal}: ${stderr}`)
  return stdout.toString()
}

/** Of the Nodes that have run, each with its flags, the directory. */
const nodeDirectories = () => readdirSync(code).map((name) => join(code, name))

function codeFiles(command = 'help'): string[] {
  return nodeDirectories()
    .map((directory) => join(directory, command))
    .flatMap((directory) => readdirSync(directory).map((name) => join(directory, name)))
}

const mainCode = () => codeFiles('ls').find((file) => file.endsWith('main.cjs.code')) ?? ''

const writtenAt = (files: readonly string[]) => files.map((file) => statSync(file, { bigint: true }).mtimeNs)

test('every command is one that a person waits for, or a service', () => {
  const names = buildProgram(() => async () => {}).commands.map((command) => command.name())
  expect(names.toSorted()).toEqual([...SHORT_COMMANDS, ...SERVICES].toSorted())
})

describe('the code of a command', () => {
  test('is written by the first start and read by the second', () => {
    const first = kx('--help')
    const files = codeFiles()
    expect(files.some((file) => file.endsWith('main.cjs.code'))).toBe(true)
    const written = writtenAt(files)
    expect(kx('--help')).toBe(first)
    expect(writtenAt(codeFiles())).toEqual(written)
  })

  test('is kept apart from that of other commands, and not kept for services', () => {
    kx('ls', '--help')
    kx('collect', '--help')
    expect(nodeDirectories().map((directory) => readdirSync(directory))).toEqual([['ls']])
  })

  test('grows with what later starts call, and never shrinks', () => {
    const bytes = () => codeFiles('ls').reduce((sum, file) => sum + statSync(file).size, 0)
    const age = () => {
      for (const file of codeFiles('ls')) utimesSync(file, 0, 0)
    }
    kx('ls', '--help')
    const ofHelp = statSync(mainCode()).size
    kx('ls')
    expect(statSync(mainCode()).size).toBe(ofHelp)
    age()
    kx('ls')
    expect(statSync(mainCode()).size).toBeGreaterThan(ofHelp)
    const ofAll = bytes()
    age()
    kx('ls', '--help')
    expect(bytes()).toBeGreaterThanOrEqual(ofAll)
  })

  const damages: Readonly<Record<string, (whole: Buffer) => Buffer>> = {
    'cut short': (whole) => whole.subarray(0, whole.length >> 1),
    'a hole of zeros': (whole) => Buffer.from(whole).fill(0, whole.length >> 1, (whole.length >> 1) + 512),
    'a bit turned': (whole) =>
      Buffer.from(whole.map((byte, at) => (at === whole.length - 9 ? byte ^ 1 : byte))),
    empty: () => Buffer.alloc(0),
  }
  test.each(Object.keys(damages))('that is damaged (%s) is made again', (name) => {
    const help = kx('--help')
    const files = codeFiles()
    const whole = files.map((file) => readFileSync(file))
    for (const [at, file] of files.entries()) {
      writeFileSync(file, damages[name]?.(whole[at] ?? Buffer.alloc(0)) ?? '')
    }
    const damaged = writtenAt(files)
    expect(kx('--help')).toBe(help)
    const mended = writtenAt(files)
    for (const time of damaged) expect(mended).not.toContain(time)
    expect(kx('--help')).toBe(help)
    expect(writtenAt(files)).toEqual(mended)
  })

  test('is kept apart from that of other flags of V8', () => {
    const help = kx('--help')
    expect(node('--no-lazy', bundle.program, '--help')).toBe(help)
    expect(nodeDirectories()).toHaveLength(2)
  })

  test.runIf(process.getuid?.() === 0)('is not kept in the bundle of somebody else', () => {
    const main = join(bundle.directory, 'main.cjs')
    chownSync(main, 1, 1)
    try {
      expect(kx('--help')).toContain('Usage: kx')
      expect(existsSync(code)).toBe(false)
    } finally {
      chownSync(main, 0, 0)
    }
  })

  test('is not used for another source of the same length', () => {
    kx('--help')
    const main = join(bundle.directory, 'main.cjs')
    const source = readFileSync(main, 'utf8')
    writeFileSync(main, source.replace('The market-data warehouse', 'The market-data WAREHOUSE'))
    try {
      expect(kx('--help')).toContain('The market-data WAREHOUSE')
    } finally {
      writeFileSync(main, source)
    }
  })

  test('is done without where it cannot be written', () => {
    writeFileSync(code, 'a file where the directory would be')
    expect(kx('--help')).toContain('Usage: kx')
    expect(readFileSync(code, 'utf8')).toBe('a file where the directory would be')
  })
})

test('a command whose work never ends, and has nothing left to wait for, is no success', () => {
  const hook = join(bundle.directory, 'never.cjs')
  writeFileSync(hook, "require('node:timers/promises').setImmediate = () => new Promise(() => {})")
  const env = { ...process.env, DATABASE_URL: 'postgresql://127.0.0.1:1/none' }
  const { status } = spawnSync(process.execPath, ['--require', hook, bundle.program, 'status'], { env })
  expect(status).toBe(70)
})
