import {
  type CollectSettings,
  KxError,
  parseTimeRange,
  type StoreSettings,
  systemClock,
  type TimeRange,
} from '../../base/index.ts'
import { type LoadEvent, type LoadInput, type LoadSummary, loadFiles } from '../../collector/load/index.ts'
import { fetchFolder, fetchParts, removeStaleFolders } from '../../collector/upload/fetch-parts.ts'
import { StoreError } from '../../collector/upload/object-store.ts'
import { openS3Store } from '../../collector/upload/s3-store.ts'

/** A place in a bucket, as `s3://bucket/prefix` names it. */
interface StorePlace {
  readonly bucket: string
  /** '' or ends with `/`. */
  readonly prefix: string
}

/** What to load from a store. */
export interface StoreLoad {
  /** The paths of the command, which name places in buckets. */
  readonly input: LoadInput
  readonly collect: CollectSettings
  /** `--partition`. */
  readonly hours: string | undefined
}

/** Whether a path names a place in a bucket. */
export function isInStore(path: string): boolean {
  return path.startsWith('s3://')
}

/**
 * Loads parts from a bucket as `loadFiles` does from a disk: batch by batch through a directory of the state, which
 * is empty again at the end. To the ledger a part is the same file wherever it lies, so nothing is loaded twice.
 *
 * @throws {KxError} KX_USAGE, KX_PARTITION_INVALID, KX_STORE_UNREACHABLE, KX_STORE_REFUSED, what `loadFiles` throws
 */
export async function* loadFromStore({ input, collect, hours }: StoreLoad): AsyncGenerator<LoadEvent> {
  const range = hours === undefined ? undefined : parseTimeRange(hours)
  const places = input.paths.map(parsePlace)
  let found = { files: 0, bytes: 0 }
  let summary: LoadSummary | undefined
  try {
    for await (const paths of batchesOf(places, { input, collect, range })) {
      for await (const event of loadFiles({ ...input, paths: [paths] })) {
        if (event.type === 'summary') summary = summary ? added(summary, event.summary) : event.summary
        else if (event.type === 'found') {
          found = { files: found.files + event.files, bytes: found.bytes + event.bytes }
          yield { type: 'found', ...found }
        } else yield event
      }
    }
  } catch (error) {
    throw asStoreFailure(error)
  }
  if (summary) return yield { type: 'summary', summary }
  throw new KxError(
    'KX_LOAD_NOT_FOUND',
    `no part below ${input.paths.join(', ')}${hours ? ` in ${hours}` : ''}`,
    {
      hint: 'Check the bucket, the prefix and --partition.',
    },
  )
}

async function* batchesOf(
  places: readonly StorePlace[],
  { input, collect, range }: { input: LoadInput; collect: CollectSettings; range: TimeRange | undefined },
): AsyncGenerator<string> {
  const { stateDirectory } = input.options
  await removeStaleFolders(stateDirectory, systemClock.now())
  const directory = fetchFolder(stateDirectory, process.pid)
  for (const { bucket, prefix } of places) {
    using store = await openS3Store(settingsFor(bucket, collect.store))
    for await (const batch of fetchParts(store, { prefix, range, directory })) yield batch.directory
  }
}

/** What project.yml says of the bucket; AWS's defaults for another one. */
function settingsFor(bucket: string, known: StoreSettings | undefined): StoreSettings {
  if (known?.bucket === bucket) return { ...known, prefix: '' }
  return { bucket, prefix: '', region: undefined, endpoint: undefined, isPathStyle: false }
}

function parsePlace(path: string): StorePlace {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(path) ?? []
  if (bucket === undefined) {
    throw new KxError('KX_USAGE', `'${path}' names no place in a bucket`, {
      hint: 'Write s3://bucket/prefix, and no local paths beside it.',
    })
  }
  return { bucket, prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/` }
}

function added(a: LoadSummary, b: LoadSummary): LoadSummary {
  const relations = new Set([...Object.keys(a.rowsByRelation), ...Object.keys(b.rowsByRelation)])
  const rowsByRelation = Object.fromEntries(
    [...relations].map((name) => [name, (a.rowsByRelation[name] ?? 0) + (b.rowsByRelation[name] ?? 0)]),
  )
  return {
    files: a.files + b.files,
    rows: a.rows + b.rows,
    rowsByRelation,
    quietRows: a.quietRows + b.quietRows,
    duplicateRows: a.duplicateRows + b.duplicateRows,
    duplicateFiles: a.duplicateFiles + b.duplicateFiles,
    skippedFiles: a.skippedFiles + b.skippedFiles,
    failedFiles: a.failedFiles + b.failedFiles,
    badLines: a.badLines + b.badLines,
    deadLetterFiles: [...new Set([...a.deadLetterFiles, ...b.deadLetterFiles])],
    unlisted: [
      ...new Map(
        [...a.unlisted, ...b.unlisted].map((one) => [`${one.exchange} ${one.nativeSymbol}`, one]),
      ).values(),
    ],
  }
}

const LOAD_AGAIN = ', then load again: what was committed stays.'

function asStoreFailure(error: unknown): unknown {
  if (!(error instanceof StoreError)) return error
  const isRefused = error.kind === 'refused'
  return new KxError(isRefused ? 'KX_STORE_REFUSED' : 'KX_STORE_UNREACHABLE', error.message, {
    hint:
      error.hint !== undefined
        ? `${error.hint.charAt(0).toUpperCase()}${error.hint.slice(1)}${isRefused ? '.' : LOAD_AGAIN}`
        : isRefused
          ? 'Check the bucket and the credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile.'
          : `Check collect.s3.endpoint and the network${LOAD_AGAIN}`,
    cause: error,
  })
}
