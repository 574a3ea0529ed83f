import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { aDisk } from '../../testing/a-disk.ts'
import { aFolder, aLanding, linesOf } from '../../testing/a-landing.ts'

const FOLDER = aFolder()
const PART = `${FOLDER}/part-c1-b1-0-0.jsonl`
const line = (n: number, folder = FOLDER) => ({ folder, text: `{"n":${n}}` })

test('a disk that is full in the middle of a line loses nothing and doubles nothing', async () => {
  const disk = await aDisk()
  const { landing, trouble } = aLanding(disk)
  landing.append([line(0)])
  await landing.commit()
  let isFull = true
  let tries = 0
  disk.onStep = (step) => {
    if (step !== 'write' || !isFull) return undefined
    tries += 1
    return { code: 'ENOSPC', afterBytes: 11 }
  }

  landing.append([line(1), line(2)])
  const committed = landing.commit()
  await vi.waitFor(() => expect(tries).toBeGreaterThan(3))
  landing.append([line(3)])
  expect(trouble).toEqual(['KX_DISK_FULL'])
  expect(landing.pendingBytes()).toBe(24)
  isFull = false
  await committed
  await landing[Symbol.asyncDispose]()

  expect(trouble).toEqual(['KX_DISK_FULL', 'over'])
  expect(await linesOf(disk.directory)).toEqual(new Map([[PART, [0, 1, 2, 3].map((n) => line(n).text)]]))
})

test('after a failed sync the part is cut to what was synced and never used again', async () => {
  const disk = await aDisk()
  const { landing, synced, trouble } = aLanding(disk)
  landing.append([line(0)])
  await landing.commit()
  let failures = 1
  disk.onStep = (step) => (step === 'sync' && failures-- > 0 ? { code: 'EIO' } : undefined)

  landing.append([line(1)])
  await landing.commit()

  expect(trouble).toEqual(['KX_LANDING_FAILED', 'over'])
  expect(synced.get(PART)).toEqual({ path: PART, bytes: 8, isSealed: true })
  expect(await linesOf(disk.directory)).toEqual(
    new Map([
      [PART, [line(0).text]],
      [PART.replace('-0.jsonl', '-1.jsonl'), [line(1).text]],
    ]),
  )
  const from = disk.steps.lastIndexOf(`cut ${PART}`)
  expect(disk.steps.slice(from).filter((step) => step.endsWith(PART))).toEqual([
    `cut ${PART}`,
    `close ${PART}`,
  ])
  await landing[Symbol.asyncDispose]()
})

test('lines are not written anew before what a failed sync left of them is cut for good', async () => {
  const disk = await aDisk()
  const { landing } = aLanding(disk)
  let syncs = 1
  let cuts = 3
  disk.onStep = (step) => {
    if (step === 'sync' && syncs-- > 0) return { code: 'EIO' }
    if (step === 'cut' && cuts-- > 0) return { code: 'EIO' }
    return undefined
  }

  landing.append([line(0)])
  await landing.commit()

  const steps = disk.steps
    .filter((step) => /^(write|sync|cut|create) /.test(step))
    .map((step) => step.split(' ')[0])
  expect(steps).toEqual(['create', 'write', 'sync', 'cut', 'cut', 'cut', 'cut', 'create', 'write', 'sync'])
  // Nothing of the first part counted: it is gone.
  expect([...(await linesOf(disk.directory)).values()]).toEqual([[line(0).text]])
  await landing[Symbol.asyncDispose]()
})

test('a folder that cannot be written does not hold up the others', async () => {
  const disk = await aDisk()
  const { landing, synced, trouble } = aLanding(disk)
  const other = aFolder('ETH-USD')
  let isForbidden = true
  disk.onStep = (step, path) =>
    isForbidden && step === 'create' && path.startsWith(FOLDER) ? { code: 'EACCES' } : undefined

  landing.append([line(0), line(1, other)])
  const committed = landing.commit()
  await vi.waitFor(() => expect([...synced.keys()]).toEqual([`${other}/part-c1-b1-0-1.jsonl`]))
  expect(trouble).toEqual(['KX_LANDING_FAILED'])
  isForbidden = false
  await committed

  expect(trouble).toEqual(['KX_LANDING_FAILED', 'over'])
  expect([...(await linesOf(disk.directory)).values()].flat().sort()).toEqual([line(0).text, line(1).text])
  await landing[Symbol.asyncDispose]()
})

test('a folder that was removed is made again', async () => {
  const disk = await aDisk()
  const { landing } = aLanding(disk, { largestPart: 8 })
  landing.append([line(0)])
  await landing.commit()
  await rm(join(disk.directory, 'exchange=kraken'), { recursive: true })

  landing.append([line(1)])
  await landing.commit()

  expect([...(await linesOf(disk.directory)).values()].flat()).toContain(line(1).text)
  await landing[Symbol.asyncDispose]()
})

test('trouble is told once while it lasts, and again when it changes', async () => {
  const disk = await aDisk()
  const { landing, trouble } = aLanding(disk)
  let code: 'ENOSPC' | 'EIO' | undefined = 'ENOSPC'
  let tries = 0
  disk.onStep = (step) => {
    if (step !== 'write') return undefined
    tries += 1
    return code && { code }
  }

  landing.append([line(0)])
  const committed = landing.commit()
  await vi.waitFor(() => expect(tries).toBeGreaterThan(3))
  code = 'EIO'
  await vi.waitFor(() => expect(trouble).toEqual(['KX_DISK_FULL', 'KX_LANDING_FAILED']))
  code = undefined
  await committed

  expect(trouble).toEqual(['KX_DISK_FULL', 'KX_LANDING_FAILED', 'over'])
  expect(await readFile(join(disk.directory, PART), 'utf8')).toBe('{"n":0}\n')
  await landing[Symbol.asyncDispose]()
})
