import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
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
  return { log, uploader, trouble: () => uploader.backlog().trouble }
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

test('wrong credentials are told at the start and at each try, with what to do', async () => {
  await using store = await aStore()
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'nobody')
  const { log, trouble } = await anIdleUploader(store.settings)

  await soon(() => expect(log.length).toBeGreaterThan(1))

  expect(new Set(log)).toEqual(
    new Set([
      'warn store_refused s3://market: 403 InvalidAccessKeyId; check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, ' +
        'or AWS_PROFILE, and start kx collect again',
    ]),
  )
  expect(trouble()).toBe('s3://market: 403 InvalidAccessKeyId')
})

test('a bucket that is not there is told at the start', async () => {
  await using store = await aStore()
  const { log, trouble } = await anIdleUploader({ ...store.settings, bucket: 'markt' })

  await soon(() => expect(trouble()).toBe('s3://markt: 404 NoSuchBucket'))

  expect(log.slice(0, 1)).toEqual([
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

  expect(log[0]).toMatch(
    /^warn store_unreachable s3:\/\/market: .*ECONNREFUSED.*; check collect\.s3\.endpoint and the network; tried again/,
  )
  expect(log.at(-1)).toBe('info store_back the store answers now')
})

test('a store that takes the question and never answers holds up no stop', async () => {
  await using store = await aStore()
  store.hang()
  const { uploader } = await anIdleUploader(store.settings)
  await soon(() => expect(store.requests).toEqual(['GET kx-asks-if-the-store-answers unanswered']))
  const startMs = performance.now()

  await uploader[Symbol.asyncDispose]()

  expect(performance.now() - startMs).toBeLessThan(2_000)
})

test.each([
  ['404', 404, '<html><br><p>Not Found</html>'],
  ['403', 403, 'Forbidden'],
  ['200', 200, '<html><p>Welcome</html>'],
])('a web server that answers %s is no store, and is told', async (_, status, page) => {
  const server = createServer((_, response) => response.writeHead(status).end(page)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const settings = { bucket: 'market', prefix: '', region: undefined, isPathStyle: true }
  const { log } = await anIdleUploader({ ...settings, endpoint: `http://127.0.0.1:${port}` })

  await soon(() => expect(log.length).toBeGreaterThan(0))

  expect(log[0]).toBe(
    `warn store_unreachable s3://market: ${status}; this is no S3 store: check collect.s3.endpoint; ` +
      'tried again until it works',
  )
})

test('a role that may not be taken is told, although the store would answer', async () => {
  await using store = await aStore()
  const sts = createServer((_, response) => {
    response.writeHead(403, { 'content-type': 'text/xml' })
    response.end(
      '<ErrorResponse><Error><Code>AccessDenied</Code><Message>not yours</Message></Error></ErrorResponse>',
    )
  }).listen(0, '127.0.0.1')
  await once(sts, 'listening')
  onTestFinished(() => void sts.close())
  const directory = mkdtempSync(join(tmpdir(), 'kx-role-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, 'token'), 'token')
  for (const name of Object.keys(storeCredentials)) vi.stubEnv(name, undefined)
  for (const name of ['AWS_SHARED_CREDENTIALS_FILE', 'AWS_CONFIG_FILE']) vi.stubEnv(name, '/nowhere')
  vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', join(directory, 'token'))
  vi.stubEnv('AWS_ROLE_ARN', 'arn:aws:iam::1:role/kx')
  vi.stubEnv('AWS_REGION', 'us-east-1')
  vi.stubEnv('AWS_ENDPOINT_URL_STS', `http://127.0.0.1:${(sts.address() as AddressInfo).port}`)
  const { log } = await anIdleUploader(store.settings)

  await soon(() => expect(log.length).toBeGreaterThan(0))

  expect(log[0]).toBe(
    'warn store_refused s3://market: credentials: not yours; correct AWS_PROFILE or its role, and start kx collect again',
  )
  expect(store.requests).toEqual([])
})
