import { DAY_MS, HOUR_MS, type TimeRange } from '../../base/index.ts'
import type { ListedObject, ObjectStore } from './object-store.ts'

/** A part in the store. */
export interface StoredPart extends ListedObject {
  /** From `exchange=` on, without `.gz`: what the ledger calls it, unless another part had its name. */
  readonly path: string
}

/** Side by side; a listing takes about as long as a round trip. */
const LISTINGS = 8

/**
 * The parts below `prefix` whose hour lies in `range`, in no order. Without a range everything is listed; with
 * one, only the folders that reach into it are.
 *
 * @param range in ms, half-open; undefined: all
 * @throws {StoreError}
 */
export async function* findParts(
  store: ObjectStore,
  prefix: string,
  range: TimeRange | undefined,
): AsyncGenerator<StoredPart> {
  if (range === undefined) {
    for await (const object of store.list(prefix, { isShallow: false })) yield* asPart(object)
    return
  }
  let folders = [prefix]
  while (folders.length > 0) {
    const next: string[] = []
    for (let at = 0; at < folders.length; at += LISTINGS) {
      const pages = await Promise.all(
        folders.slice(at, at + LISTINGS).map((folder) => listFolder(store, folder)),
      )
      for (const object of pages.flat()) {
        if (!reaches(object.key, range)) continue
        if (object.key.endsWith('/')) next.push(object.key)
        else yield* asPart(object)
      }
    }
    folders = next
  }
}

async function listFolder(store: ObjectStore, folder: string): Promise<ListedObject[]> {
  const objects: ListedObject[] = []
  for await (const object of store.list(folder, { isShallow: true })) objects.push(object)
  return objects
}

function* asPart(object: ListedObject): Generator<StoredPart> {
  const at = object.key.search(/(^|\/)exchange=/)
  // Letters that could not be read are kept in the store, too; they are not data.
  if (at < 0 || /(^|\/)dead-letters\//.test(object.key)) return
  const path = object.key.slice(object.key[at] === '/' ? at + 1 : at).replace(/\.gz$/, '')
  yield { ...object, path }
}

/** Whether the time that a key's folders name, as far as they do, overlaps `range`. */
function reaches(key: string, range: TimeRange): boolean {
  const [year, month, day, hour] = ['year', 'month', 'day', 'hour'].map((name) => {
    const value = new RegExp(`(?:^|/)${name}=(\\d+)(?:/|$)`).exec(key)?.[1]
    return value === undefined ? undefined : Number(value)
  })
  if (year === undefined) return true
  const startMs = Date.UTC(year, (month ?? 1) - 1, day ?? 1, hour ?? 0)
  const endMs =
    hour !== undefined
      ? startMs + HOUR_MS
      : day !== undefined
        ? startMs + DAY_MS
        : month !== undefined
          ? Date.UTC(year, month, 1)
          : Date.UTC(year + 1, 0, 1)
  return startMs < range.endMs && range.startMs < endMs
}
