import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isRunning, type TimeRange } from '../../base/index.ts'
import { findParts, type StoredPart } from './find-parts.ts'
import type { ObjectStore } from './object-store.ts'

/** Parts brought from the store, on disk until the next batch is asked for. */
export interface FetchedBatch {
  /** Of the files, absolute; below it they have their Hive folders. */
  readonly directory: string
  readonly files: readonly string[]
  readonly bytes: number
}

/** What is on disk at a time: enough to keep the loader busy. */
const BATCH_FILES = 512
const BATCH_BYTES = 67_108_864
const DOWNLOADS = 8
/** A folder in use changes with each batch: one of a process that cannot be seen (in another container) is kept. */
const STALE_MS = 3_600_000

/** Where a process keeps what it fetches. */
export function fetchFolder(stateDirectory: string, pid: number): string {
  return join(stateDirectory, 'tmp', `store-${pid}`)
}

/** Removes what processes left behind that were killed while they fetched. */
export async function removeStaleFolders(stateDirectory: string, nowMs: number): Promise<void> {
  const names = await readdir(join(stateDirectory, 'tmp')).catch(() => [])
  for (const name of names) {
    const pid = Number(/^store-(\d+)$/.exec(name)?.[1])
    if (Number.isNaN(pid) || isRunning(pid)) continue
    const folder = fetchFolder(stateDirectory, pid)
    const found = await stat(folder).catch(() => undefined)
    if (found === undefined || nowMs - found.mtimeMs < STALE_MS) continue
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * Brings parts below `prefix` from the store to `directory`, batch by batch; the next batch takes the place of the
 * one before, so that any amount needs little disk. The directory is gone at the end.
 *
 * @throws {StoreError}
 */
export async function* fetchParts(
  store: ObjectStore,
  { prefix, range, directory }: { prefix: string; range: TimeRange | undefined; directory: string },
): AsyncGenerator<FetchedBatch> {
  try {
    for await (const parts of inBatches(findParts(store, prefix, range))) {
      await rm(directory, { recursive: true, force: true })
      const files = await fetchAll(store, parts, directory)
      yield { directory, files, bytes: parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) }
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function* inBatches(parts: AsyncIterable<StoredPart>): AsyncGenerator<StoredPart[]> {
  let batch: StoredPart[] = []
  let bytes = 0
  for await (const part of parts) {
    batch.push(part)
    bytes += part.sizeBytes
    if (batch.length < BATCH_FILES && bytes < BATCH_BYTES) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}

async function fetchAll(
  store: ObjectStore,
  parts: readonly StoredPart[],
  directory: string,
): Promise<string[]> {
  const left = [...parts]
  const files: string[] = []
  const failures: unknown[] = []
  const lane = async () => {
    for (let part = left.pop(); part !== undefined; part = left.pop()) {
      const file = join(directory, `${part.path}.gz`)
      const body = await store.get(part.key)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, body)
      files.push(file)
    }
  }
  const failed = (error: unknown) => {
    left.length = 0
    failures.push(error)
  }
  // All of them end before the folder goes: one that still writes would make it again.
  await Promise.all(Array.from({ length: DOWNLOADS }, () => lane().catch(failed)))
  if (failures.length > 0) throw failures[0]
  return files
}
