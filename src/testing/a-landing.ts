import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, type KxError, scaledClock } from '../base/index.ts'
import {
  type Landing,
  type LandingOptions,
  listParts,
  openLanding,
  type SyncedPart,
} from '../collector/landing/index.ts'
import type { Disk } from './a-disk.ts'

/** A landing, and what it told. */
export interface OpenedLanding {
  readonly landing: Landing
  /** The last that was told of each part. */
  readonly synced: ReadonlyMap<string, SyncedPart>
  /** Codes of trouble; `over` when it was. */
  readonly trouble: readonly string[]
}

/** A folder of the landing, of a symbol in an hour of 2024-05-01. */
export function aFolder(symbol = 'BTC-USD', hour = 13): string {
  const padded = String(hour).padStart(2, '0')
  return `exchange=kraken/symbol=${symbol}/interval_minutes=1/year=2024/month=05/day=01/hour=${padded}`
}

/** Opens a landing on a disk; its clock runs 100 times as fast, from 13:30 of 2024-05-01. */
export function aLanding(
  disk: Disk,
  options: Partial<Pick<LandingOptions, 'partPrefix' | 'clock' | 'largestPart'>> = {},
): OpenedLanding {
  const synced = new Map<string, SyncedPart>()
  const trouble: string[] = []
  const landing = openLanding({
    directory: disk.directory,
    partPrefix: 'part-c1-b1-0',
    clock: aFastClock('2024-05-01T13:30:00Z'),
    files: disk.files,
    onSynced: (parts) => {
      for (const part of parts) synced.set(part.path, part)
    },
    onTrouble: (error: KxError | undefined) => trouble.push(error?.code ?? 'over'),
    ...options,
  })
  return { landing, synced, trouble }
}

/** A clock that shows `at` now and runs `factor` times as fast as the machine's. */
export function aFastClock(at: string, factor = 100): Clock {
  const scale = { factor, realMs: Date.now(), atMs: Date.parse(at) }
  return scaledClock(() => scale)
}

/** Every line in a landing, by the path of its part. */
export async function linesOf(directory: string): Promise<Map<string, string[]>> {
  const lines = new Map<string, string[]>()
  for await (const { path } of listParts(directory)) {
    const text = await readFile(join(directory, path), 'utf8')
    const pieces = text.split('\n')
    lines.set(path, pieces.at(-1) === '' ? pieces.slice(0, -1) : pieces)
  }
  return lines
}
