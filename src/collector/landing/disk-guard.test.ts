import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aDisk } from '../../testing/a-disk.ts'
import { aFolder } from '../../testing/a-landing.ts'
import { deletableParts, diskAdvice, diskLimits, expiredParts, ROOMY_DISK } from './disk-guard.ts'
import { deletePart, freeSpace } from './free-space.ts'

const MIB = 1 << 20
const GIB = 1024 * MIB

/** Looks at a disk of 20 GiB one after the other, `free MiB/deletable MiB`, and tells what was advised. */
function advise(looks: string): string[] {
  let state = ROOMY_DISK
  return looks.split(' ').map((look) => {
    const [free = 0, deletable = 0] = look.split('/').map(Number)
    const advice = diskAdvice({
      freeBytes: free * MIB,
      totalBytes: 20 * GIB,
      deletableBytes: deletable * MIB,
      state,
    })
    state = advice.state
    const freed = advice.deleteBytes > 0 ? ` ${advice.deleteBytes / MIB}` : ''
    return advice.actions.join(' ') + freed
  })
}

test.each([
  ['room enough', '9000/0 2048/0', ['', '']],
  [
    'what exists elsewhere is deleted first, and no more than is needed',
    '2000/9000 4096/6904',
    ['alarm delete-parts 2096', 'all-clear'],
  ],
  ['with nothing to delete ticks stop', '2000/0 2000/0', ['alarm stop-ticks', '']],
  [
    'a disk that fills on stops candles too, and both come back at twice their limit',
    '2000/0 500/0 1000/0 1024/0 4000/0 4096/0',
    ['alarm stop-ticks', 'stop-candles', '', 'resume-candles', '', 'resume-ticks all-clear'],
  ],
  [
    'parts that become deletable later are deleted while feeds are stopped',
    '400/0 400/100 500/0',
    ['alarm stop-ticks stop-candles', 'delete-parts 100', ''],
  ],
])('%s', (_, looks, advised) => {
  expect(advise(looks)).toEqual(advised)
})

test('the limits are 2 GiB or 5 %, and 512 MiB; a small disk has limits to its measure', () => {
  expect(diskLimits(20 * GIB)).toEqual({ low: 2 * GIB, stop: 512 * MIB })
  expect(diskLimits(1000 * GIB)).toEqual({ low: 50 * GIB, stop: 512 * MIB })
  expect(diskLimits(64 * MIB)).toEqual({ low: 16 * MIB, stop: 4 * MIB })
})

test('an empty disk always brings every feed back', () => {
  const bytes = fc.integer({ min: MIB, max: 2000 * GIB })
  fc.assert(
    fc.property(
      bytes,
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(GIB))),
      (total, looks) => {
        let state = ROOMY_DISK
        for (const [share, deletableBytes] of looks)
          ({ state } = diskAdvice({ freeBytes: total * share, totalBytes: total, deletableBytes, state }))

        expect(diskAdvice({ freeBytes: total, totalBytes: total, deletableBytes: 0, state }).state).toEqual(
          ROOMY_DISK,
        )
      },
    ),
  )
})

const part = (hour: number, marks: string) => ({
  path: `${aFolder('BTC-USD', hour)}/part-c1-b1-0-${hour}.jsonl`,
  bytes: 10,
  isSealed: !marks.split(' ').includes('open'),
  isUploaded: marks.split(' ').includes('uploaded'),
  isLoaded: marks.split(' ').includes('loaded'),
})
const parts = [
  part(3, 'uploaded loaded'),
  part(1, 'uploaded loaded'),
  part(2, 'loaded'),
  part(4, 'uploaded'),
  part(5, 'uploaded loaded open'),
]
const nowMs = Date.parse('2024-05-01T06:00:00Z')
const hoursOf = (chosen: readonly { readonly path: string }[]) => chosen.map(({ path }) => path.at(-7))

test.each([
  ['with a store, what is uploaded and loaded', { hasStore: true, retainMs: undefined }, ['1', '3'], []],
  ['with a store and a time to keep', { hasStore: true, retainMs: 3 * 3_600_000 }, ['1', '3'], ['1']],
  ['with no store nothing', { hasStore: false, retainMs: undefined }, [], []],
  [
    'with no store what is loaded and older than was said',
    { hasStore: false, retainMs: 3 * 3_600_000 },
    ['1', '2'],
    ['1', '2'],
  ],
])('%s may be deleted, the oldest first', (_, retention, underPressure, inAnyCase) => {
  expect(hoursOf(deletableParts(parts, { ...retention, nowMs }))).toEqual(underPressure)
  expect(hoursOf(expiredParts(parts, { ...retention, nowMs }))).toEqual(inAnyCase)
})

test('a part goes with the folders that it leaves empty', async () => {
  const { directory } = await aDisk()
  for (const { path } of [part(1, ''), part(2, '')]) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), '{}\n')
  }

  await deletePart(directory, part(1, '').path)
  expect(existsSync(join(directory, aFolder('BTC-USD', 1)))).toBe(false)
  expect(existsSync(join(directory, part(2, '').path))).toBe(true)
  await deletePart(directory, part(2, '').path)
  expect(existsSync(join(directory, 'exchange=kraken'))).toBe(false)
  await deletePart(directory, part(2, '').path)
})

test('a disk tells how much room it has', async () => {
  const { directory } = await aDisk()

  const { freeBytes, totalBytes } = await freeSpace(directory)

  expect(freeBytes).toBeGreaterThan(0)
  expect(totalBytes).toBeGreaterThan(freeBytes)
})
