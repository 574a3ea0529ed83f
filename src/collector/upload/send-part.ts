import { join } from 'node:path'
import type { SyncedPart } from '../landing/landing.ts'
import type { ContentMark, ObjectStore } from './object-store.ts'
import { packPart } from './pack-part.ts'

/** How sending a part ended. */
export interface SentPart {
  readonly key: string
  readonly content: ContentMark
  /** `stored` now · `present`: it was there already · `conflict`: its key held something else, it has another one. */
  readonly outcome: 'stored' | 'present' | 'conflict'
}

/**
 * Puts a sealed part into the store under its own path and `.gz`. Whatever happens to the answer, the same part
 * is there once: a key that exists is compared by the uncompressed content's sha256 and length.
 *
 * @throws {StoreError}
 */
export async function sendPart(
  store: ObjectStore,
  { directory, part, signal }: { directory: string; part: SyncedPart; signal: AbortSignal },
): Promise<SentPart> {
  const { content, body } = await packPart(join(directory, part.path), part.bytes)
  const put = (key: string) => store.putNew({ key, body, content, ...gzippedLines }, signal)
  const key = `${part.path}.gz`
  if ((await put(key)) === 'stored') return { key, content, outcome: 'stored' }
  if (await holds(store, key, content, signal)) return { key, content, outcome: 'present' }
  const other = `${part.path}.conflict-${content.sha256.slice(0, 12)}.gz`
  await put(other)
  return { key: other, content, outcome: 'conflict' }
}

const gzippedLines = { contentType: 'application/x-ndjson', contentEncoding: 'gzip' } as const

async function holds(
  store: ObjectStore,
  key: string,
  { sha256, bytes }: ContentMark,
  signal: AbortSignal,
): Promise<boolean> {
  const stored = await store.head(key, signal)
  return stored?.content?.sha256 === sha256 && stored.content.bytes === bytes
}
