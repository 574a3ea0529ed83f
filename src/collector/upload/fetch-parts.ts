import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TimeRange } from '../../base/index.ts'
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
  const lane = async () => {
    for (let part = left.pop(); part !== undefined; part = left.pop()) {
      const file = join(directory, `${part.path}.gz`)
      const body = await store.get(part.key)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, body)
      files.push(file)
    }
  }
  await Promise.all(Array.from({ length: DOWNLOADS }, lane))
  return files
}
