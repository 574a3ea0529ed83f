import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { findHolder } from './control.ts'
import { takeLock } from './lock.ts'

const taker = { command: 'collect', nowMs: Date.UTC(2024, 4, 1) }

/** An empty state directory; a deep one has a path too long for a socket. */
function aStateDirectory({ isDeep = false } = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'kx-lock-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const directory = isDeep ? join(root, 'a-long-name-'.repeat(15), 'state') : join(root, 'state')
  mkdirSync(directory, { recursive: true })
  return directory
}

/** A process that takes the lock: what it said, and its id. */
async function aTaker(stateDirectory: string) {
  const script = join(import.meta.dirname, '../../testing/lock-child.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, stateDirectory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said] = (await once(createInterface(child.stdout), 'line')) as [string]
  const killed = async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { said, pid: child.pid, killed }
}

test('a second collector on a state directory is refused, and told who is first and since when', async () => {
  const stateDirectory = aStateDirectory()
  const first = await aTaker(stateDirectory)

  const second = takeLock(stateDirectory, taker)

  await expect(second).rejects.toMatchObject({
    code: 'KX_COLLECT_BUSY',
    message: `kx collect (pid ${first.pid}, since 2024-05-01T00:00:00.000Z) uses ${stateDirectory}`,
  })
})

test.each([
  ['', false],
  [' whose path is too long for a socket', true],
])('kill -9 of the holder frees a state directory%s', async (_, isDeep) => {
  const stateDirectory = aStateDirectory({ isDeep })
  const first = await aTaker(stateDirectory)
  expect(await findHolder(stateDirectory)).toMatchObject({ pid: first.pid })

  await first.killed()

  expect(await findHolder(stateDirectory)).toBeUndefined()
  await using lock = await takeLock(stateDirectory, taker)
  expect(await findHolder(stateDirectory)).toEqual(lock.holder)
})

test('of many that find a dead lock at once, one takes it', async () => {
  const stateDirectory = aStateDirectory()
  await (await takeLock(stateDirectory, taker))[Symbol.asyncDispose]()

  for (let round = 0; round < 20; round += 1) {
    const takes = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(stateDirectory, taker)))

    const taken = takes.flatMap((take) => (take.status === 'fulfilled' ? [take.value] : []))
    expect(taken).toHaveLength(1)
    for (const lock of taken) await lock[Symbol.asyncDispose]()
  }
})

test('locks of the past leave a bounded number of names', async () => {
  const stateDirectory = aStateDirectory()

  for (let round = 0; round < 20; round += 1) {
    await (await takeLock(stateDirectory, taker))[Symbol.asyncDispose]()
  }

  expect(readdirSync(stateDirectory).length).toBeLessThan(10)
  expect(readdirSync(stateDirectory)).toContain('lock-20')
})

test('a state directory that cannot be is named, with what is in the way', async () => {
  const file = join(aStateDirectory(), 'collect')
  writeFileSync(file, '')

  for (const stateDirectory of [file, join(file, 'below')]) {
    await expect(takeLock(stateDirectory, taker)).rejects.toMatchObject({
      code: 'KX_COLLECT_STATE',
      message: expect.stringContaining(`${stateDirectory} cannot be used: E`),
    })
  }
})

test.runIf(process.platform === 'linux')(
  'a state directory that cannot be made ends in an error',
  async () => {
    // A process of its own: what spins in Node's file system calls cannot be ended by a test.
    const { said } = await aTaker('/proc/kx/state')

    expect(said).toContain('refused: /proc/kx/state cannot be used')
  },
)
