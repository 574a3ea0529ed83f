import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ContentMark } from './object-store.ts'

/** Which parts are in the store: appended to and synced, so that nothing is sent again after a crash. */
export interface Manifest extends AsyncDisposable {
  has(path: string): boolean
  /** On disk when it resolves. */
  add(path: string, content: ContentMark): Promise<void>
}

/**
 * Opens the manifest `file`, made if there is none. What `isKept` says no to (parts that are gone) is left out
 * from now on.
 */
export async function openManifest(
  file: string,
  isKept: (path: string) => boolean | Promise<boolean>,
): Promise<Manifest> {
  await mkdir(dirname(file), { recursive: true })
  const lines = await readLines(file)
  const kept: string[] = []
  const paths = new Set<string>()
  for (const line of lines) {
    const path = pathOf(line)
    if (path === undefined || paths.has(path) || !(await isKept(path))) continue
    paths.add(path)
    kept.push(line)
  }
  await rewrite(file, kept)
  const handle = await open(file, 'a')
  let last = Promise.resolve()
  return {
    has: (path) => paths.has(path),
    add(path, content) {
      const line = `${JSON.stringify({ path, ...content })}\n`
      const written = last.then(async () => {
        await handle.appendFile(line)
        await handle.datasync()
        paths.add(path)
      })
      // One failure is told to who waits for it; the next line is tried nevertheless.
      last = written.catch(() => undefined)
      return written
    },
    async [Symbol.asyncDispose]() {
      await last
      await handle.close()
    },
  }
}

async function readLines(file: string): Promise<string[]> {
  try {
    const text = await readFile(file, 'utf8')
    return text.split('\n').filter((line) => line !== '')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

/** The path a line names; a torn line names none. */
function pathOf(line: string): string | undefined {
  try {
    const { path } = JSON.parse(line) as { path?: unknown }
    return typeof path === 'string' ? path : undefined
  } catch {
    return undefined
  }
}

async function rewrite(file: string, lines: readonly string[]): Promise<void> {
  const temporary = `${file}.tmp`
  {
    await using handle = await open(temporary, 'w')
    await handle.writeFile(lines.map((line) => `${line}\n`).join(''))
    await handle.sync()
  }
  await rename(temporary, file)
  await using directory = await open(dirname(file), 'r')
  await directory.sync()
}
