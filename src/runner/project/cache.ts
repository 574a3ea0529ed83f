import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hashText } from '../../base/index.ts'
import type { TextFile } from '../model/index.ts'

const CACHE_FILE = '.kx/cache/project.json'

/**
 * What YAML files were parsed to, by their content: reading YAML and checking it costs more than all else in a
 * command that finds nothing to do. A cache that cannot be read or written is as good as none.
 */
export interface ParseCache {
  /** What `parse` gives for the file; from the cache if its text is the same as then. */
  read<Value>(file: TextFile, parse: () => Promise<Value>): Promise<Value>
  /** Writes what is new, for the next command. */
  save(): void
}

interface Entry {
  readonly hash: number
  readonly length: number
  readonly value: unknown
}

export function openCache(directory: string): ParseCache {
  const path = join(directory, CACHE_FILE)
  const stamp = codeStamp()
  const known = readEntries(path, stamp)
  const used = new Map<string, Entry>()
  let hasNew = false
  return {
    async read<Value>({ file, text }: TextFile, parse: () => Promise<Value>) {
      const entry = known.get(file)
      const hash = hashText(text)
      if (entry !== undefined && entry.hash === hash && entry.length === text.length) {
        used.set(file, entry)
        return entry.value as Value
      }
      const value = await parse()
      used.set(file, { hash, length: text.length, value })
      hasNew = true
      return value
    },
    save() {
      if (hasNew || used.size !== known.size) writeEntries(path, stamp, used)
    },
  }
}

/** Changes whenever kx itself does: a newer kx may understand the same text otherwise. */
function codeStamp(): string {
  const stat = statSync(fileURLToPath(import.meta.url), { throwIfNoEntry: false })
  return `1 ${stat?.size} ${stat?.mtimeMs}`
}

function readEntries(path: string, stamp: string): ReadonlyMap<string, Entry> {
  try {
    const saved = JSON.parse(readFileSync(path, 'utf8')) as {
      stamp?: unknown
      entries?: Record<string, Entry>
    }
    return new Map(saved.stamp === stamp ? Object.entries(saved.entries ?? {}) : [])
  } catch {
    return new Map()
  }
}

function writeEntries(path: string, stamp: string, entries: ReadonlyMap<string, Entry>): void {
  const temporary = `${path}.${process.pid}`
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(temporary, JSON.stringify({ stamp, entries: Object.fromEntries(entries) }))
    renameSync(temporary, path)
  } catch {
    dropQuietly(temporary)
  }
}

function dropQuietly(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // A directory that takes no file gives none back either.
  }
}
