import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { glob, isDynamicPattern } from 'tinyglobby'
import { KxError } from '../../base/index.ts'
import type { FoundFile } from './source-file.ts'

/** Where frames and lines go that could not be read. */
const DEAD_LETTERS = 'dead-letters'

/**
 * The files that `paths` name: files, folders (every file below, hidden ones, dead letters and kx's own temporary
 * names aside) and globs, sorted and each once.
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
  if (status) return [{ path: absolute, sizeBytes: status.size, changedMs: status.mtimeMs, isNamed: true }]
  if (!isDynamicPattern(path)) return undefined
  const matches = await glob(path, { cwd: directory, absolute: true, dot: false })
  if (matches.length === 0) return undefined
  return await Promise.all(matches.map((match) => sized(match, true)))
}

async function walk(directory: string): Promise<FoundFile[]> {
  const files: FoundFile[] = []
  const waiting = [directory]
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.name.startsWith('.') || entry.name.endsWith('.tmp')) continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        if (entry.name !== DEAD_LETTERS) waiting.push(path)
      }
      // A link to a folder may lead back up: it is not followed.
      else if (entry.isFile() || (await isLinkToFile(entry, path))) files.push(await sized(path, false))
    }
  }
  return files
}

async function isLinkToFile(entry: Dirent, path: string): Promise<boolean> {
  return entry.isSymbolicLink() && ((await stat(path).catch(() => undefined))?.isFile() ?? true)
}

/** A file that is gone or hidden by now has no size; reading it will say why. */
async function sized(path: string, isNamed: boolean): Promise<FoundFile> {
  const status = await stat(path).catch(() => undefined)
  return { path, sizeBytes: status?.size ?? 0, changedMs: status?.mtimeMs ?? Number.NaN, isNamed }
}
