import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Clock, parseTimeRange, scaledClock } from '../../base/index.ts'
import { aStore, storeCredentials, type TestStore } from '../../testing/store/a-store.ts'
import { fetchParts } from './fetch-parts.ts'
import { openS3Store } from './s3-store.ts'
import { openUploader, type Uploader } from './uploader.ts'

/** A second is ten milliseconds: what waits a minute for the store does so in little more than half a second. */
const clock = scaledClock(() => ({ factor: 100, realMs: 0, atMs: 0 }))
let directory = ''

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kx-upload-'))
  for (const [name, value] of Object.entries(storeCredentials)) vi.stubEnv(name, value)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(directory, { recursive: true })
})

async function aPart(hour: number, text = '{"v":1}\n', exchange = 'kraken') {
  const path = `exchange=${exchange}/symbol=BTC-USD/interval_minutes=1/year=2024/month=05/day=01/hour=${String(hour).padStart(2, '0')}/part-c-b-1-${hour}.jsonl`
  const file = join(directory, 'landing', path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  return { path, bytes: Buffer.byteLength(text), isSealed: true }
}

/** What was asked of the store, but for whether it answers. */
function aboutParts(store: TestStore): string[] {
  return store.requests.filter((request) => request.includes('part-'))
}

async function withUploader<Value>(
  settings: TestStore['settings'],
  use: (uploader: Uploader, log: string[]) => Promise<Value>,
  slowClock: Clock = clock,
): Promise<Value> {
  const log: string[] = []
  using store = await openS3Store(settings)
  await using uploader = await openUploader({
    store,
    landingDirectory: join(directory, 'landing'),
    stateDirectory: join(directory, 'state'),
    clock: slowClock,
    random: () => 0.5,
    log: (_, cause, message) => log.push(`${cause} ${message}`),
  })
  return await use(uploader, log)
}

test('a sealed part is in the store once, gzipped, under its own path', async () => {
  await using store = await aStore({ prefix: 'prod/' })
  const part = await aPart(13, '{"v":1}\n{"v":2}\n')

  await withUploader(store.settings, async (uploader) => {
    uploader.add(part)
    uploader.add({ ...part, path: 'exchange=kraken/open.jsonl', isSealed: false })
    expect(await uploader.drain(600_000)).toBe(true)
    expect(uploader.isUploaded(part.path)).toBe(true)
  })
  await withUploader(store.settings, async (uploader) => {
    uploader.add(part)
    expect(uploader.backlog().parts).toBe(0)
  })

  expect([...store.objects.keys()]).toEqual([`prod/${part.path}.gz`])
  const [object] = store.objects.values()
  expect(gunzipSync(object?.body ?? '').toString()).toBe('{"v":1}\n{"v":2}\n')
  expect(aboutParts(store)).toEqual([`PUT prod/${part.path}.gz 200`])
})

test('an answer that is lost after the store kept the part uploads nothing twice', async () => {
  await using store = await aStore()
  const part = await aPart(13)
  store.fail('drop-after-store')

  await withUploader(store.settings, async (uploader, log) => {
    uploader.add(part)
    expect(await uploader.drain(600_000)).toBe(true)
    expect(log.some((line) => line.startsWith('store_conflict'))).toBe(false)
  })

  expect(store.objects.size).toBe(1)
  expect(aboutParts(store)).toEqual([`PUT ${part.path}.gz 412`, `HEAD ${part.path}.gz 200`])
})

test('credentials that may only put are told when an answer was lost', async () => {
  await using store = await aStore({ isWriteOnly: true })
  const part = await aPart(13)
  store.fail('drop-after-store')

  await withUploader(store.settings, async (uploader, log) => {
    uploader.add(part)
    await vi.waitFor(
      () =>
        expect(log).toContainEqual(
          'store_refused s3://market: 403; check the credentials, and allow them s3:PutObject and s3:GetObject; ' +
            'tried again until it works',
        ),
      10_000,
    )
    expect(await uploader.drain(2_000)).toBe(false)
  })
})

test('a crash between the store and the manifest sends again and finds the part there', async () => {
  await using store = await aStore()
  const part = await aPart(13)
  await withUploader(store.settings, async (uploader) => {
    uploader.add(part)
    await uploader.drain(600_000)
  })
  await writeFile(join(directory, 'state', 'uploaded.jsonl'), '{"path":"exchange=kr')

  await withUploader(store.settings, async (uploader) => {
    uploader.add(part)
    expect(await uploader.drain(600_000)).toBe(true)
  })

  expect(store.objects.size).toBe(1)
})

test('a store that is busy, hangs up or is away gets every part in the end', async () => {
  await using store = await aStore()
  store.fail('busy', 'conflict', 'drop', 'busy', 'drop-after-store')
  const parts = await Promise.all([1, 2, 3, 4, 5, 6].map((hour) => aPart(hour, `{"hour":${hour}}\n`)))

  await withUploader(store.settings, async (uploader, log) => {
    for (const part of parts.slice(0, 3)) uploader.add(part)
    expect(await uploader.drain(600_000)).toBe(true)
    await store.goAway()
    for (const part of parts.slice(3)) uploader.add(part)
    const away = { parts: 3, trouble: expect.stringContaining('ECONNREFUSED') }
    await vi.waitFor(() => expect(uploader.backlog()).toMatchObject(away), 10_000)
    expect(await uploader.drain(5_000)).toBe(false)
    await store.comeBack()
    expect(await uploader.drain(6_000_000)).toBe(true)
    expect(log.at(-1)).toMatch(/^store_back/)
  })

  expect([...store.objects.keys()].sort()).toEqual(parts.map(({ path }) => `${path}.gz`).sort())
})

test('what waits for its next turn is tried at once when the collector stops', async () => {
  await using store = await aStore()
  const part = await aPart(13)
  await store.goAway()
  // Pauses over 5 s do not end by themselves here: the fourth of each of the four that send is one.
  const sleep: Clock['sleep'] = (ms, signal) => clock.sleep(ms > 5_000 ? 1e9 : ms, signal)

  await withUploader(
    store.settings,
    async (uploader) => {
      uploader.add(part)
      await vi.waitFor(() => expect(uploader.failures()).toBe(16), { timeout: 5000, interval: 1 })
      await store.comeBack()
      expect(await uploader.drain(600_000)).toBe(true)
    },
    { ...clock, sleep },
  )
})

test('a part that cannot be read holds up no other one', async () => {
  await using store = await aStore()
  const short = { ...(await aPart(0)), bytes: 1000 }
  const parts = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((hour) => aPart(hour)))
  const sleep: Clock['sleep'] = (_, signal) => clock.sleep(1e9, signal)

  await withUploader(
    store.settings,
    async (uploader) => {
      for (const part of [short, ...parts]) uploader.add(part)
      const trouble = expect.stringContaining('were synced')
      await vi.waitFor(() => expect(uploader.backlog()).toMatchObject({ parts: 1, trouble }), {
        timeout: 5000,
        interval: 1,
      })
    },
    { ...clock, sleep },
  )

  expect(store.objects.size).toBe(8)
})

test('other content under a part’s key is left alone and told, and the part has a key of its own', async () => {
  await using store = await aStore()
  const part = await aPart(13)
  store.objects.set(`${part.path}.gz`, { body: Buffer.from('somebody else'), headers: {} })

  await withUploader(store.settings, async (uploader, log) => {
    uploader.add(part)
    expect(await uploader.drain(600_000)).toBe(true)
    expect(log.join('\n')).toContain('store_conflict the store held other content')
  })

  const keys = [...store.objects.keys()]
  expect(keys[0]).toBe(`${part.path}.gz`)
  expect(keys[1]).toMatch(/part-c-b-1-13\.jsonl\.conflict-[0-9a-f]{12}\.gz$/)
  using reader = await openS3Store(store.settings)
  const options = { prefix: '', range: undefined, directory: join(directory, 'back') }
  for await (const { files } of fetchParts(reader, options)) {
    const bodies = await Promise.all(files.map((file) => readFile(file)))
    expect(bodies.map((body) => body.length).sort()).toEqual(
      [...store.objects.values()].map(({ body }) => body.length).sort(),
    )
  }
})

test('wrong credentials are told as refused, and nothing is given up', async () => {
  await using store = await aStore()
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'nobody')
  const part = await aPart(13)

  await withUploader(store.settings, async (uploader, log) => {
    uploader.add(part)
    await vi.waitFor(
      () =>
        expect(log[0]).toMatch(
          /^store_refused s3:\/\/market: 403 InvalidAccessKeyId; check AWS_ACCESS_KEY_ID/,
        ),
      10_000,
    )
    expect(await uploader.drain(2_000)).toBe(false)
  })
})

test('without credentials it is said what to set', async () => {
  await using store = await aStore()
  for (const name of Object.keys(storeCredentials)) vi.stubEnv(name, undefined)
  for (const name of ['AWS_SHARED_CREDENTIALS_FILE', 'AWS_CONFIG_FILE']) vi.stubEnv(name, '/nowhere')
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  using reader = await openS3Store(store.settings)

  await expect(reader.head('x')).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringMatching(/^s3:\/\/market: no credentials: \w+/),
    hint: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE',
  })
})

test('parts come back from the store as files with their folders, a range of hours alone if asked', async () => {
  await using store = await aStore({ prefix: 'prod/' })
  const hours = Array.from({ length: 24 }, (_, hour) => hour)
  const parts = await Promise.all(
    ['kraken', 'binance_us', 'coinbase', 'okx', 'bybit'].flatMap((exchange) =>
      hours.map((hour) => aPart(hour, `{"hour":${hour}}\n`, exchange)),
    ),
  )
  await withUploader(store.settings, async (uploader) => {
    for (const part of parts) uploader.add(part)
    await uploader.drain(6_000_000)
  })
  using reader = await openS3Store(store.settings)
  const fetch = async (range: string | undefined) => {
    const names: string[] = []
    const to = join(directory, 'back')
    const options = {
      prefix: '',
      range: range === undefined ? undefined : parseTimeRange(range),
      directory: to,
    }
    for await (const batch of fetchParts(reader, options)) {
      for (const file of batch.files) {
        names.push(file.slice(to.length + 1))
        expect(gunzipSync(await readFile(file)).toString()).toMatch(/^\{"hour":\d+\}\n$/)
      }
    }
    return names.sort()
  }

  expect(await fetch(undefined)).toEqual(parts.map(({ path }) => `${path}.gz`).sort())
  expect(await fetch('2024-05-01T13')).toEqual(
    parts
      .filter(({ path }) => path.includes('hour=13'))
      .map(({ path }) => `${path}.gz`)
      .sort(),
  )
  expect(await fetch('2024-05-02')).toEqual([])
  expect(await readdir(directory)).not.toContain('back')
})
