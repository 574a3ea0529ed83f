import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { KxError } from '../../base/index.ts'
import { callCollector } from './control.ts'
import { type Lock, takeLock } from './lock.ts'

const taker = { command: 'collect', nowMs: Date.UTC(2024, 4, 1) }

function aStateDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kx-control-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

async function aLock(stateDirectory: string): Promise<Lock> {
  const lock = await takeLock(stateDirectory, taker)
  onTestFinished(() => lock[Symbol.asyncDispose]())
  return lock
}

async function answersOf(stateDirectory: string): Promise<unknown[]> {
  const answers: unknown[] = []
  for await (const answer of (await callCollector(stateDirectory, { type: 'status' })) ?? []) {
    answers.push(answer)
  }
  return answers
}

test('without a collector nobody is there to ask', async () => {
  expect(await callCollector(aStateDirectory(), { type: 'status' })).toBeUndefined()
})

test('a request is answered value by value, in order, however many there are', async () => {
  const stateDirectory = aStateDirectory()
  const lock = await aLock(stateDirectory)
  const values = Array.from({ length: 3000 }, (_, minute) => ({ minute, text: 'ü'.repeat(100) }))
  lock.serve(async function* () {
    yield* values
  })

  expect(await answersOf(stateDirectory)).toEqual(values)
})

test('an error of the collector is the same error for whoever asked', async () => {
  const stateDirectory = aStateDirectory()
  const lock = await aLock(stateDirectory)
  lock.serve(async function* () {
    yield 'begun'
    throw new KxError('KX_USAGE', 'no such symbol', { hint: 'Choose another.' })
  })

  await expect(answersOf(stateDirectory)).rejects.toMatchObject({
    code: 'KX_USAGE',
    message: 'no such symbol',
    hint: 'Choose another.',
  })
})

test('a collector that still starts says so', async () => {
  const stateDirectory = aStateDirectory()
  await aLock(stateDirectory)

  await expect(answersOf(stateDirectory)).rejects.toMatchObject({ code: 'KX_COLLECT_BUSY' })
})

test('a collector that ends in the middle of an answer is noticed', async () => {
  const stateDirectory = aStateDirectory()
  const lock = await takeLock(stateDirectory, taker)
  lock.serve(async function* (_, signal) {
    yield 'begun'
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
  })
  const answers = await callCollector(stateDirectory, { type: 'status' })
  expect(await answers?.next()).toEqual({ done: false, value: 'begun' })

  await lock[Symbol.asyncDispose]()

  await expect(answers?.next()).rejects.toMatchObject({ code: 'KX_COLLECT_LOST' })
})

test('who stops reading stops the work', async () => {
  const stateDirectory = aStateDirectory()
  const lock = await aLock(stateDirectory)
  const stopped = new Promise<void>((resolve) => {
    lock.serve(async function* (_, signal) {
      yield 'begun'
      await new Promise((wake) => signal.addEventListener('abort', wake))
      resolve()
    })
  })

  for await (const _ of (await callCollector(stateDirectory, { type: 'status' })) ?? []) break

  await stopped
})

test.each([
  ['nothing', ''],
  ['what is not JSON', 'GET / HTTP/1.1\n\n'],
  ['a line without an end', 'x'.repeat(2_000_000)],
])('%s costs a caller its own connection alone', async (_, sent) => {
  const stateDirectory = aStateDirectory()
  const lock = await aLock(stateDirectory)
  lock.serve(async function* () {
    yield 'here'
  })
  const socket = connect(join(stateDirectory, 'lock-1'))
  socket.on('error', () => undefined)
  socket.resume()
  const closed = new Promise((resolve) => socket.on('close', resolve))

  socket.end(sent)

  await closed
  expect(await answersOf(stateDirectory)).toEqual(['here'])
})
