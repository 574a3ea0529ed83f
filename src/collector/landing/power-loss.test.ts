import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aDisk, type Disk, type DiskFault } from '../../testing/a-disk.ts'
import { aFolder, aLanding, linesOf } from '../../testing/a-landing.ts'
import type { LandingLine } from '../record/index.ts'
import type { SyncedPart } from './landing.ts'
import { recoverLanding } from './recover-landing.ts'

const FOLDERS = [aFolder('BTC-USD'), aFolder('ETH-USD'), aFolder('BTC-USD', 14)]

/** One append of so many lines, each to one of the folders; then perhaps a wait until it is on disk. */
interface Append {
  readonly folders: readonly number[]
  readonly isAwaited: boolean
}

const appends = fc.array(
  fc.record({ folders: fc.array(fc.nat(2), { maxLength: 12 }), isAwaited: fc.boolean() }),
  { minLength: 1, maxLength: 12 },
)
/** By the number of the step that fails. */
const faults = fc.dictionary(
  fc.nat(60).map(String),
  fc.record<DiskFault>({ code: fc.constantFrom('ENOSPC', 'EIO'), afterBytes: fc.nat(40) }),
  { maxKeys: 8 },
)
/** What is left of the bytes of a file that were not synced. */
const leftovers = fc.record({
  kept: fc.double({ min: 0, max: 1, noNaN: true }),
  tail: fc.oneof(
    fc.constant(Buffer.alloc(0)),
    fc.nat(300).map((length) => Buffer.alloc(length)),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc
      .array(fc.constantFrom('\n', '{', '}', '"n":'), { maxLength: 30 })
      .map((words) => Buffer.from(`${words.join('')}]`)),
  ),
})

test('whatever fails and whenever the power goes, every synced line is there once and no line is torn', async () => {
  await fc.assert(
    fc.asyncProperty(appends, faults, fc.nat(120), leftovers, async (given, failing, lastStep, left) => {
      const disk = await aDisk()
      const { appended, acknowledged } = await writeUntil(disk, given, failing, lastStep)
      await disk.losePower((rest) =>
        Buffer.concat([rest.subarray(0, Math.round(rest.length * left.kept)), left.tail]),
      )

      const recovered = await recover(disk)
      const found = [...(await linesOf(disk.directory)).values()].flat()

      expect(new Set(found).size).toBe(found.length)
      expect(found.filter((line) => !appended.includes(line))).toEqual([])
      expect(acknowledged.filter((line) => !found.includes(line))).toEqual([])
      expect(await recover(disk)).toEqual([])
      for (const { path, bytes } of recovered)
        expect(readFileSync(join(disk.directory, path)).length).toBe(bytes)
    }),
    { numRuns: 100 },
  )
}, 60_000)

test('a landing that ends by itself has every line once, whatever failed on the way', async () => {
  await fc.assert(
    fc.asyncProperty(appends, faults, async (given, failing) => {
      const disk = await aDisk()
      const { appended, synced } = await writeUntil(disk, given, failing, Number.POSITIVE_INFINITY)

      const byPart = await linesOf(disk.directory)
      expect([...byPart.values()].flat().sort()).toEqual([...appended].sort())
      // A file that could be made, and neither kept nor removed, is empty.
      for (const [path, lines] of [...byPart].filter(([, its]) => its.length > 0))
        expect(synced.get(path)).toEqual({
          path,
          bytes: Buffer.byteLength(`${lines.join('\n')}\n`),
          isSealed: true,
        })
      expect(await recover(disk)).toEqual([])
    }),
    { numRuns: 40 },
  )
}, 60_000)

/** Appends until a step at which the process dies. Gives what was promised by then. */
async function writeUntil(
  disk: Disk,
  given: readonly Append[],
  failing: Readonly<Record<string, DiskFault>>,
  lastStep: number,
) {
  let step = 0
  const isDead = new Promise<'dead'>((resolve) => {
    disk.onStep = () => {
      step += 1
      if (step <= lastStep) return failing[step]
      disk.kill()
      resolve('dead')
      return undefined
    }
  })
  const { landing, synced } = aLanding(disk)
  const appended: string[] = []
  const run = async () => {
    for (const { folders, isAwaited } of given) {
      const lines = folders.map((folder): LandingLine => {
        const text = `{"n":${appended.length},"raw":"é\\n"}`
        appended.push(text)
        return { folder: FOLDERS[folder] ?? '', text }
      })
      landing.append(lines)
      if (isAwaited) await landing.commit()
    }
    await landing[Symbol.asyncDispose]()
  }
  await Promise.race([run(), isDead])
  return { appended, synced, acknowledged: [...synced.values()].flatMap((part) => promised(disk, part)) }
}

/** The lines of a part that were told to be on disk. */
function promised(disk: Disk, { path, bytes }: SyncedPart): string[] {
  const told = readFileSync(join(disk.directory, path)).subarray(0, bytes).toString()
  return told.split('\n').slice(0, -1)
}

async function recover(disk: Disk): Promise<SyncedPart[]> {
  const parts: SyncedPart[] = []
  for await (const part of recoverLanding({
    directory: disk.directory,
    isLive: () => false,
  }))
    parts.push(part)
  return parts
}
