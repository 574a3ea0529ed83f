import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { fetchFolder, fetchParts, removeStaleFolders } from './fetch-parts.ts'
import { type ObjectStore, StoreError } from './object-store.ts'

const HOUR_MS = 3_600_000

function aDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kx-fetch-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A store of so many parts, read-only; `get` says how each comes. */
function aStoreOf(parts: number, get: ObjectStore['get']): ObjectStore {
  const key = (i: number) =>
    `exchange=kraken/symbol=BTC-USD/interval_minutes=1/year=2024/month=05/day=01/hour=00/part-c-b-1-${i}.jsonl.gz`
  return {
    ask: async () => {},
    putNew: async () => 'stored',
    head: async () => undefined,
    get,
    async *list() {
      for (let i = 0; i < parts; i++) yield { key: key(i), sizeBytes: 1 }
    },
  }
}

test('after a download that failed nothing more is written, and nothing is left', async () => {
  const directory = join(aDirectory(), 'store-1')
  let asked = 0
  const store = aStoreOf(100, async () => {
    asked += 1
    if (asked === 2) {
      const details = { status: undefined, hint: undefined, cause: undefined }
      throw new StoreError('unreachable', 'gone', details)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
    return new Uint8Array([1])
  })

  const fetched = fetchParts(store, { prefix: '', range: undefined, directory })
  await expect(fetched.next()).rejects.toMatchObject({ message: 'gone' })
  const askedThen = asked
  await new Promise((resolve) => setTimeout(resolve, 60))

  expect(asked).toBe(askedThen)
  expect(asked).toBeLessThan(10)
  expect(existsSync(directory)).toBe(false)
})

test('what a load left that was killed is removed by a later one, and nothing else', async () => {
  const state = aDirectory()
  const nowMs = Date.now()
  const folders = { dead: 999_999_999, deadLately: 999_999_998, living: process.ppid }
  const names = Object.values(folders).map((pid) => fetchFolder(state, pid))
  for (const name of [...names, join(state, 'tmp', 'other')]) mkdirSync(join(name, 'a'), { recursive: true })
  const longAgo = new Date(nowMs - 2 * HOUR_MS)
  for (const pid of [folders.dead, folders.living]) utimesSync(fetchFolder(state, pid), longAgo, longAgo)

  await removeStaleFolders(state, nowMs)

  expect(readdirSync(join(state, 'tmp')).sort()).toEqual(
    ['other', `store-${folders.deadLately}`, `store-${folders.living}`].sort(),
  )
})

test('where no load ever was there is nothing to remove', async () => {
  await expect(removeStaleFolders(join(aDirectory(), 'none'), 0)).resolves.toBeUndefined()
})
