import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { aDisk, type DiskStep } from '../../testing/a-disk.ts'
import { aFastClock, aFolder, aLanding, linesOf } from '../../testing/a-landing.ts'

const FOLDER = aFolder()
const PART = `${FOLDER}/part-c1-b1-0-0.jsonl`

/** Lines `{"n":from}` to `{"n":to - 1}` for a folder. */
function lines(from: number, to: number, folder = FOLDER) {
  return Array.from({ length: to - from }, (_, i) => ({ folder, text: `{"n":${from + i}}` }))
}

test('lines are in their folder, in order, and told of, when a commit is over', async () => {
  const disk = await aDisk()
  const { landing, synced } = aLanding(disk)

  landing.append([
    { folder: FOLDER, text: '{"n":1}' },
    { folder: FOLDER, text: '{"n":"é€😀"}' },
  ])
  expect(landing.pendingBytes()).toBe(26)
  await landing.commit()

  expect(await readFile(join(disk.directory, PART), 'utf8')).toBe('{"n":1}\n{"n":"é€😀"}\n')
  expect(synced.get(PART)).toEqual({ path: PART, bytes: 26, isSealed: false })
  expect(landing.pendingBytes()).toBe(0)
  await landing[Symbol.asyncDispose]()
})

test('what nobody waits for is on disk within a second all the same', async () => {
  const disk = await aDisk()
  const clock = aFastClock('2024-05-01T13:30:00Z')
  const waits: number[] = []
  const counting = {
    ...clock,
    sleep(ms: number, signal?: AbortSignal) {
      waits.push(ms)
      return clock.sleep(ms, signal)
    },
  }
  const { landing, synced } = aLanding(disk, { clock: counting })

  landing.append(lines(0, 1))
  await vi.waitFor(() => expect(synced.size).toBe(1), { timeout: 5000, interval: 1 })

  expect(waits.length).toBeGreaterThan(0)
  expect(waits.filter((ms) => ms >= 1000)).toEqual([])
  await landing[Symbol.asyncDispose]()
})

test('the end seals every part: read-only, at its full length', async () => {
  const disk = await aDisk()
  const { landing, synced } = aLanding(disk)

  landing.append([...lines(0, 3), ...lines(3, 5, aFolder('ETH-USD'))])
  await landing[Symbol.asyncDispose]()

  expect([...synced.values()].map(({ bytes, isSealed }) => `${bytes} ${isSealed}`).sort()).toEqual([
    '16 true',
    '24 true',
  ])
  for (const path of synced.keys()) expect((await stat(join(disk.directory, path))).mode & 0o777).toBe(0o444)
  expect(() => landing.append(lines(5, 6))).toThrow('closed')
})

test('a line counts only after its file, and every folder that leads to it, is on disk by name', async () => {
  const disk = await aDisk()
  const { landing } = aLanding(disk)

  landing.append(lines(0, 1))
  await landing.commit()

  const levels = FOLDER.split('/')
  const own = disk.steps.filter((step) => step.includes('exchange='))
  expect(own).toEqual([
    ...levels.flatMap((_, i) => [
      `makeDirectory ${levels.slice(0, i + 1).join('/')}`,
      ...(i === 0 ? [] : [`syncDirectory ${levels.slice(0, i).join('/')}`]),
    ]),
    `create ${PART}`,
    `syncDirectory ${FOLDER}`,
    `write ${PART}`,
    `sync ${PART}`,
  ])
  expect(disk.steps).toContain('syncDirectory ')
  await landing[Symbol.asyncDispose]()
})

test('a part is cut before it is too long; a line longer than a part is one of its own', async () => {
  const disk = await aDisk()
  const { landing, synced } = aLanding(disk, { largestPart: 2048 })
  const long = `{"n":"${'x'.repeat(3000)}"}`

  landing.append(lines(0, 500))
  landing.append([{ folder: FOLDER, text: long }])
  landing.append(lines(500, 510))
  await landing[Symbol.asyncDispose]()

  const parts = [...synced.values()]
  expect(parts.every(({ isSealed }) => isSealed)).toBe(true)
  expect(parts.filter(({ bytes }) => bytes > 2048).map(({ bytes }) => bytes)).toEqual([long.length + 1])
  const all = [...(await linesOf(disk.directory)).values()].flat()
  expect(all.sort()).toEqual([...lines(0, 510).map(({ text }) => text), long].sort())
})

test('a part is sealed two minutes after its hour, and a late line opens another one', async () => {
  const disk = await aDisk()
  // Its hour is over in 6 s of this clock: 10 ms.
  const { landing, synced } = aLanding(disk, { clock: aFastClock('2024-05-01T13:59:54Z', 600) })

  landing.append([...lines(0, 1), ...lines(1, 2, aFolder('BTC-USD', 14))])
  await landing.commit()
  expect(synced.get(PART)?.isSealed).toBe(false)
  await vi.waitFor(() => expect(synced.get(PART)?.isSealed).toBe(true), { timeout: 5000 })
  landing.append(lines(2, 3))
  await landing.commit()

  const shown = [...synced.values()].map(
    ({ path, isSealed }) => `${path.split('/').at(-2)} ${path.at(-7)} ${isSealed}`,
  )
  expect(shown.sort()).toEqual(['hour=13 0 true', 'hour=13 2 false', 'hour=14 1 false'])
  await landing[Symbol.asyncDispose]()
})

test('a name that is taken is never written to', async () => {
  const disk = await aDisk()
  const first = aLanding(disk)
  first.landing.append(lines(0, 1))
  await first.landing[Symbol.asyncDispose]()

  const second = aLanding(disk)
  second.landing.append(lines(1, 2))
  await second.landing[Symbol.asyncDispose]()

  expect(await linesOf(disk.directory)).toEqual(
    new Map([
      [PART, ['{"n":0}']],
      [PART.replace('-0.jsonl', '-1.jsonl'), ['{"n":1}']],
    ]),
  )
})

test('a folder that was removed with its last part is made again without a word', async () => {
  const disk = await aDisk()
  const { landing, synced, trouble } = aLanding(disk, { largestPart: 8 })
  landing.append(lines(0, 1))
  await landing.commit()
  await rm(join(disk.directory, 'exchange=kraken'), { recursive: true })

  landing.append(lines(1, 2))
  await landing.commit()

  expect(trouble).toEqual([])
  expect(await linesOf(disk.directory)).toEqual(new Map([[[...synced.keys()].at(-1), ['{"n":1}']]]))
  await landing[Symbol.asyncDispose]()
})

test('many folders share few open files, and each goes on in its own part', async () => {
  const disk = await aDisk()
  const { landing, synced } = aLanding(disk)
  const folders = Array.from({ length: 300 }, (_, i) => aFolder(`C${i}-USD`))

  for (const round of [0, 1, 2]) {
    landing.append(folders.flatMap((folder) => lines(round, round + 1, folder)))
    await landing.commit()
  }

  const count = (kind: string) => disk.steps.filter((step) => step.startsWith(kind)).length
  expect(count('create ') + count('open ') - count('close ')).toBe(128)
  expect(synced.size).toBe(300)
  expect(new Set([...synced.values()].map(({ bytes }) => bytes))).toEqual(new Set([24]))
  await landing[Symbol.asyncDispose]()
})

test('a slow disk has one commit at a time; what comes meanwhile is counted and goes with the next', async () => {
  const disk = await aDisk()
  let syncing = 0
  let most = 0
  disk.onStep = async (step: DiskStep) => {
    if (step !== 'sync') return undefined
    syncing += 1
    most = Math.max(most, syncing)
    await new Promise((resolve) => setTimeout(resolve, 60))
    syncing -= 1
    return undefined
  }
  const { landing } = aLanding(disk)

  landing.append(lines(0, 10))
  const first = landing.commit()
  for (let n = 10; n < 200; n += 10) {
    landing.append(lines(n, n + 10))
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(landing.pendingBytes()).toBe(
    Buffer.byteLength(
      lines(0, 200)
        .map(({ text }) => `${text}\n`)
        .join(''),
    ),
  )
  await first
  await landing.commit()

  expect(most).toBe(1)
  expect(disk.steps.filter((step) => step.startsWith('sync ')).length).toBe(2)
  expect(landing.pendingBytes()).toBe(0)
  await landing[Symbol.asyncDispose]()
})
