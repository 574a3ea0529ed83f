import { isKxError, type KxError } from '../../base/index.ts'
import { type FoundFile, type SourceFile, sourcesOf } from './source-file.ts'
import { unreadable } from './unreadable.ts'

/** Some sources to look at together, and files that could not be opened. */
export interface SourceBatch {
  readonly sources: readonly SourceFile[]
  readonly failed: readonly { readonly path: string; readonly error: KxError }[]
}

/** Files are small in landing: their beginnings are read side by side, but never so many that memory grows. */
const BATCH = 64

/** The sources of all files, in batches; a zip's members come one batch after the other. */
export async function* sourceBatches(found: readonly FoundFile[]): AsyncGenerator<SourceBatch> {
  for (let at = 0; at < found.length; at += BATCH) {
    const open = found.slice(at, at + BATCH).map((file) => ({ file, sources: sourcesOf(file) }))
    try {
      yield await nextOfEach(open)
      for (const one of open) yield* restOf(one)
    } finally {
      for (const { sources } of open) await sources.return(undefined)
    }
  }
}

interface OpenFile {
  readonly file: FoundFile
  readonly sources: AsyncGenerator<SourceFile>
}

async function nextOfEach(open: readonly OpenFile[]): Promise<SourceBatch> {
  const firsts = await Promise.all(open.map((one) => nextOf(one)))
  return {
    sources: firsts.filter((first): first is SourceFile => first !== undefined && 'open' in first),
    failed: firsts.filter(
      (first): first is SourceBatch['failed'][number] => first !== undefined && 'error' in first,
    ),
  }
}

async function nextOf({
  file,
  sources,
}: OpenFile): Promise<SourceFile | SourceBatch['failed'][number] | undefined> {
  try {
    return (await sources.next()).value ?? undefined
  } catch (error) {
    return { path: file.path, error: isKxError(error) ? error : unreadable(file.path, error) }
  }
}

async function* restOf(open: OpenFile): AsyncGenerator<SourceBatch> {
  for (;;) {
    const sources: SourceFile[] = []
    const failed: SourceBatch['failed'][number][] = []
    for (let next = await nextOf(open); next !== undefined; next = await nextOf(open)) {
      if ('open' in next) sources.push(next)
      else failed.push(next)
      if (sources.length === BATCH) break
    }
    if (sources.length === 0 && failed.length === 0) return
    yield { sources, failed }
  }
}
