import { opendir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { glob, isDynamicPattern } from 'tinyglobby'
import { KxError } from '../../base/index.ts'
import type { FoundFile } from './source-file.ts'

/**
 * The files that `paths` name: files, folders (every file below, hidden ones and kx's own temporary names
 * aside) and globs, sorted and each once.
 *
 * @throws {KxError} KX_LOAD_NOT_FOUND if a path names nothing
 */
export async function findFiles(paths: readonly string[], directory: string): Promise<FoundFile[]> {
  const filesByPath = new Map<string, FoundFile>()
  for (const path of paths) {
    const found = await findPath(path, directory)
    if (!found) {
      throw new KxError('KX_LOAD_NOT_FOUND', `no file at '${path}'`, {
        hint: 'Check the path; quote a glob.',
      })
    }
    for (const file of found) filesByPath.set(file.path, filesByPath.get(file.path) ?? file)
  }
  return [...filesByPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function findPath(path: string, directory: string): Promise<FoundFile[] | undefined> {
  const absolute = resolve(directory, path)
  const status = await stat(absolute).catch(() => undefined)
  if (status?.isDirectory()) return await walk(absolute)
  if (status) return [{ path: absolute, sizeBytes: status.size, isNamed: true }]
  if (!isDynamicPattern(path)) return undefined
  const matches = await glob(path, { cwd: directory, absolute: true, dot: false })
  if (matches.length === 0) return undefined
  return await Promise.all(
    matches.map(async (match) => ({ path: match, sizeBytes: (await stat(match)).size, isNamed: true })),
  )
}

async function walk(directory: string): Promise<FoundFile[]> {
  const files: FoundFile[] = []
  const waiting: string[] = []
  for await (const entry of await opendir(directory)) {
    if (entry.name.startsWith('.') || entry.name.endsWith('.tmp')) continue
    const path = join(directory, entry.name)
    const isFolder = entry.isDirectory()
    if (isFolder) waiting.push(path)
    else if (entry.isFile() || entry.isSymbolicLink()) {
      const status = await stat(path).catch(() => undefined)
      // A link to a folder may lead back up: it is not followed.
      if (!status || status.isFile()) files.push({ path, sizeBytes: status?.size ?? 0, isNamed: false })
    }
  }
  for (const folder of waiting) files.push(...(await walk(folder)))
  return files
}
