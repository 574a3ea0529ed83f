import type { KxError } from '../../base/index.ts'
import type { RecordKind } from '../formats/index.ts'
import type { FileReader } from './file-reader.ts'

/** A part that is read on as it grows. */
export interface OpenPart {
  readonly reader: FileReader
  readonly records: RecordKind
  readonly lockKey: number
}

/** A part that could not be read. */
interface FailedPart {
  readonly error: KxError
  readonly loadedBytes: number
  /** On the monotonic clock, ms. */
  readonly againAtMs: number
}

/** What a tail knows of parts without asking the ledger; bounded, and never more than a guess. */
export interface TailMemory {
  /** Parts that were read lately, by path. */
  open(path: string): OpenPart | undefined
  keep(path: string, part: OpenPart): void
  /** Bytes known to be in bronze; undefined: ask the ledger. */
  loadedBytes(path: string): number | undefined
  /** Nothing is added to the part any more. */
  close(path: string, loadedBytes: number): void
  failure(path: string): FailedPart | undefined
  fail(path: string, failed: FailedPart): void
  /** Why the part is never loaded. */
  skipped(path: string): string | undefined
  skip(path: string, reason: string): void
  forget(path: string): void
}

/** Readers hold a few kB each. */
const MOST_OPEN = 1024
/** Of the rest only names and numbers are kept. */
const MOST_NAMES = 20_000

/** An empty memory. */
export function createTailMemory(): TailMemory {
  const open = createRecent<OpenPart>(MOST_OPEN)
  const closed = createRecent<number>(MOST_NAMES)
  const failed = createRecent<FailedPart>(MOST_NAMES)
  const skipped = createRecent<string>(MOST_NAMES)
  return {
    open: open.get,
    keep: open.set,
    loadedBytes: (path) =>
      open.get(path)?.reader.offset() ?? closed.get(path) ?? failed.get(path)?.loadedBytes,
    close(path, loadedBytes) {
      open.delete(path)
      closed.set(path, loadedBytes)
    },
    failure: failed.get,
    fail(path, failure) {
      open.delete(path)
      failed.set(path, failure)
    },
    skipped: skipped.get,
    skip: skipped.set,
    forget(path) {
      open.delete(path)
      closed.delete(path)
    },
  }
}

/** A map that forgets what was asked for longest ago. */
function createRecent<Value>(size: number) {
  const values = new Map<string, Value>()
  const set = (key: string, value: Value): void => {
    values.delete(key)
    values.set(key, value)
    const [oldest] = values.keys()
    if (values.size > size && oldest !== undefined) values.delete(oldest)
  }
  return {
    set,
    get(key: string): Value | undefined {
      const value = values.get(key)
      if (value !== undefined) set(key, value)
      return value
    },
    delete: (key: string) => values.delete(key),
  }
}
