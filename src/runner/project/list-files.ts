import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { TextFile } from '../model/index.ts'

/**
 * Paths of the files under `folder`, relative to the project, with `/`, sorted; nothing if there is no such
 * folder. Names that begin with a point are left out.
 */
export function listFiles(directory: string, folder: string): string[] {
  const found: string[] = []
  collect(directory, folder, found)
  return found.sort()
}

function collect(directory: string, folder: string, found: string[]): void {
  for (const entry of entriesOf(join(directory, folder))) {
    if (entry.name.startsWith('.')) continue
    const path = `${folder}/${entry.name}`
    if (isFolder(entry, join(directory, path))) collect(directory, path, found)
    else found.push(path)
  }
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return []
    throw error
  }
}

function isFolder(entry: Dirent, path: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory()
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/** A file of the project with its text, line ends as `\n`. */
export function readText(directory: string, file: string): TextFile {
  const text = readFileSync(`${directory}/${file}`, 'utf8').replace(/^\uFEFF/, '')
  return { file, text: text.includes('\r') ? text.replaceAll('\r\n', '\n') : text }
}
