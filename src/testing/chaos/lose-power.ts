import { appendFileSync, chmodSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from '../../collector/simulator/random.ts'
import { identityOf } from './line-identity.ts'
import { partFilesIn } from './open-parts.ts'

/** What a loss of power did. */
export interface PowerLoss {
  /** Identities of all lines that were surely synced. */
  readonly synced: readonly string[]
  /** Parts that were cut, and those that got a tail of garbage. */
  readonly cut: number
  readonly torn: number
}

/** How often what was not synced is followed by what never was written. */
const GARBAGE_SHARE = 0.3
const MOST_GARBAGE = 400
/** How often the mark of a sealed part is lost: its content was synced before. */
const UNMARKED_SHARE = 0.2

/**
 * Does to the parts below `directory` what a loss of power may: each that is not sealed keeps what is surely synced
 * and a random part of the rest, sometimes with garbage behind it. What is left is surely synced from then on. Nobody
 * writes any more when it is called.
 */
export function losePower(directory: string, surelySynced: Map<string, number>, random: Random): PowerLoss {
  const synced: string[] = []
  let [cut, torn] = [0, 0]
  for (const { path, bytes, isSealed } of partFilesIn(directory)) {
    const file = join(directory, path)
    const sure = isSealed ? bytes : (surelySynced.get(path) ?? 0)
    synced.push(...identitiesIn(path, readFileSync(file).subarray(0, sure)))
    if (isSealed) {
      surelySynced.set(path, bytes)
      if (random.next() < UNMARKED_SHARE) chmodSync(file, 0o644)
      continue
    }
    const kept = sure + Math.floor(random.next() * (bytes - sure + 1))
    if (kept < bytes) cut++
    if (kept === 0 && random.next() < 0.5) {
      rmSync(file)
      continue
    }
    truncateSync(file, kept)
    surelySynced.set(path, kept)
    if (random.next() < GARBAGE_SHARE && tear(file, garbage(random))) torn++
  }
  return { synced, cut, torn }
}

/** Puts something behind a file's end; gives whether there was room for it. */
function tear(file: string, rubbish: Buffer): boolean {
  try {
    appendFileSync(file, rubbish)
    return true
  } catch {
    // The disk is full, as it may be when power is lost.
    return false
  }
}

/** Identities of the whole lines of a part's beginning. */
function identitiesIn(path: string, content: Buffer): string[] {
  const end = content.lastIndexOf(10)
  if (end < 0) return []
  const lines = content.subarray(0, end).toString('utf8').split('\n')
  return lines.map((line, i) => identityOf(path, i + 1, line))
}

/** Blocks of a file system that were never written hold anything: zeros, noise, a piece of another file. */
function garbage(random: Random): Buffer {
  const length = 1 + Math.floor(random.next() * MOST_GARBAGE)
  const choice = random.next()
  if (choice < 0.4) return Buffer.alloc(length)
  if (choice < 0.7) return Buffer.from(Array.from({ length }, () => Math.floor(random.next() * 256)))
  return Buffer.from('{"v":1,"feed_id":"x-y-0-kraken-1","sequence":1,"row":0,"received_at":"20')
}
