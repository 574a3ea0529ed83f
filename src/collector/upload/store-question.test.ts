import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { scaledClock } from '../../base/index.ts'
import { aStore, storeCredentials, type TestStore } from '../../testing/store/a-store.ts'
import { openS3Store } from './s3-store.ts'
import { openUploader } from './uploader.ts'

/** A second is ten milliseconds. */
const clock = scaledClock(() => ({ factor: 100, realMs: 0, atMs: 0 }))

beforeEach(() => {
  for (const [name, value] of Object.entries(storeCredentials)) vi.stubEnv(name, value)
})

afterEach(() => void vi.unstubAllEnvs())

/** An uploader that has nothing to send, what it logged, and what is wrong as far as it knows. */
async function anIdleUploader(settings: TestStore['settings']) {
  const directory = mkdtempSync(join(tmpdir(), 'kx-question-'))
  const log: string[] = []
  const store = await openS3Store(settings)
  const uploader = await openUploader({
    ...{ store, clock, random: () => 0.5, stateDirectory: directory, landingDirectory: directory },
    log: (level, cause, message) => log.push(`${level} ${cause} ${message}`),
  })
  onTestFinished(async () => {
    await uploader[Symbol.asyncDispose]()
    store[Symbol.dispose]()
    rmSync(directory, { recursive: true })
  })
  return { log, trouble: () => uploader.backlog().trouble }
}

const soon = (check: () => void) => vi.waitFor(check, { timeout: 5000, interval: 5 })

test('a store that answers is asked once, and nothing is said or kept there', async () => {
  await using store = await aStore({ prefix: 'prod/' })
  const { log, trouble } = await anIdleUploader(store.settings)

  await soon(() => expect(store.requests).toHaveLength(1))
  await clock.sleep(10_000)

  expect(store.requests).toEqual(['GET prod/kx-asks-if-the-store-answers 404'])
  expect([...store.objects.keys()]).toEqual([])
  expect(log).toEqual([])
  expect(trouble()).toBeUndefined()
})

test('credentials that may put and no more are no trouble', async () => {
  await using store = await aStore({ isWriteOnly: true })
  const { log, trouble } = await anIdleUploader(store.settings)

  await soon(() => expect(store.requests).toHaveLength(1))
  await clock.sleep(10_000)

  expect(store.requests).toEqual(['GET kx-asks-if-the-store-answers 403'])
  expect(log).toEqual([])
  expect(trouble()).toBeUndefined()
})

test('wrong credentials are told at the start, once, with what to do', async () => {
  await using store = await aStore()
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'nobody')
  const { log, trouble } = await anIdleUploader(store.settings)

  await soon(() => expect(store.requests.length).toBeGreaterThan(2))

  expect(log).toEqual([
    'warn store_refused s3://market: 403 InvalidAccessKeyId; check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, ' +
      'or AWS_PROFILE; tried again until it works',
  ])
  expect(trouble()).toBe('s3://market: 403 InvalidAccessKeyId')
})

test('a bucket that is not there is told at the start', async () => {
  await using store = await aStore()
  const { log, trouble } = await anIdleUploader({ ...store.settings, bucket: 'markt' })

  await soon(() => expect(trouble()).toBe('s3://markt: 404 NoSuchBucket'))

  expect(log).toEqual([
    'warn store_refused s3://markt: 404 NoSuchBucket; make the bucket, or correct collect.s3.bucket; ' +
      'tried again until it works',
  ])
})

test('a store that is away at the start is told, and that it answers when it is there', async () => {
  await using store = await aStore()
  await store.goAway()
  const { log, trouble } = await anIdleUploader(store.settings)

  await soon(() => expect(trouble()).toContain('ECONNREFUSED'))
  await store.comeBack()
  await soon(() => expect(trouble()).toBeUndefined())

  expect(log).toEqual([
    expect.stringMatching(
      /^warn store_unreachable s3:\/\/market: .*ECONNREFUSED.*; check collect\.s3\.endpoint and the network; tried again/,
    ),
    'info store_back the store answers now',
  ])
})
