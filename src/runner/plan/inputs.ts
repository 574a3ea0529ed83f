import { DAY_MS, type Grain, grainMs, HOUR_MS, type LedgerRange, type TimeRange } from '../../base/index.ts'
import { type Edge, windowRange } from '../model/index.ts'

/** What a parent's partitions look like from outside: `starts[i]` (ms) holds version `versions[i]`, sorted. */
export interface InputVersions {
  readonly startsMs: ArrayLike<number>
  readonly versions: ArrayLike<number>
}

/**
 * The hash that a step writes down for one input: of the set of (partition, version) in its window.
 *
 * A window that is one partition is its version itself, 0 if it is not there: short in the ledger, and most are.
 */
export function hashInputs(inputs: InputVersions, range: TimeRange, parentGrain: Grain | undefined): number {
  const first = placeOf(inputs.startsMs, range.startMs)
  const isOne = parentGrain !== undefined && range.endMs - range.startMs === grainMs(parentGrain)
  if (isOne) return inputs.startsMs[first] === range.startMs ? (inputs.versions[first] ?? 0) : 0
  const hash = startHash()
  for (let i = first; i < inputs.startsMs.length; i++) {
    const start = inputs.startsMs[i] ?? 0
    if (start >= range.endMs) break
    mix(hash, start / HOUR_MS)
    mix(hash, inputs.versions[i] ?? 0)
  }
  return finish(hash)
}

/** The hash of a source of facts over `range`: of the versions of the changes that touch it. */
export function hashRanges(ranges: readonly LedgerRange[], range: TimeRange): number {
  const versions = ranges
    .filter(({ fromMs, toMs }) => fromMs < range.endMs && toMs > range.startMs)
    .map(({ version }) => version)
    .sort((a, b) => a - b)
  if (versions.length === 0) return 0
  const hash = startHash()
  for (const version of versions) mix(hash, version)
  return finish(hash)
}

/** Two 53-bit hashes as one; the order counts. */
export function mixHashes(a: number, b: number): number {
  const hash = startHash()
  mix(hash, a)
  mix(hash, b)
  return finish(hash)
}

const EVER: TimeRange = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY }

/**
 * The time of its parent that a partition reads through `edge`; undefined when nothing of it is tracked.
 * Without partitions on either side it is all of time.
 */
export function inputRange(
  edge: Edge,
  partition: TimeRange | undefined,
  parentGrain: Grain | undefined,
): TimeRange | undefined {
  if (edge.window === 'none') return undefined
  if (partition === undefined || parentGrain === undefined) return EVER
  const window = edge.window === 'own' ? { unit: 'hour' as const, before: 0, after: 0 } : edge.window
  const read = windowRange(window, partition)
  const range = edge.kind === 'previous' ? { startMs: read.startMs, endMs: partition.startMs } : read
  if (parentGrain === 'hour') return range
  return {
    startMs: Math.floor(range.startMs / DAY_MS) * DAY_MS,
    endMs: Math.ceil(range.endMs / DAY_MS) * DAY_MS,
  }
}

/** As lowerBound; at once where hours stand without a hole. */
function placeOf(sorted: ArrayLike<number>, value: number): number {
  const first = sorted[0] ?? 0
  const spread = (sorted[sorted.length - 1] ?? 0) - first
  const guess = spread > 0 ? Math.round(((value - first) / spread) * (sorted.length - 1)) : 0
  return sorted[guess] === value ? guess : lowerBound(sorted, value)
}

/** The first index of `sorted` whose value is not below `value`. */
export function lowerBound(sorted: ArrayLike<number>, value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}

interface Hash {
  a: number
  b: number
}

function startHash(): Hash {
  return { a: 0x9e3779b9, b: 0x85ebca6b }
}

/** Two 32-bit lanes of multiply and rotate, as in murmur3, over both halves of the number. */
function mix(hash: Hash, value: number): void {
  mixWord(hash, value >>> 0)
  mixWord(hash, Math.floor(value / 0x1_0000_0000) >>> 0)
}

function mixWord(hash: Hash, word: number): void {
  const a = Math.imul(hash.a ^ word, 0xcc9e2d51)
  hash.a = (a << 15) | (a >>> 17)
  const b = Math.imul(hash.b ^ word ^ hash.a, 0x1b873593)
  hash.b = (b << 13) | (b >>> 19)
}

/** 53 bits, never 0: that means "nothing there". */
function finish({ a, b }: Hash): number {
  const low = Math.imul(a ^ (a >>> 16), 0x85ebca6b) >>> 0
  const high = Math.imul(b ^ (b >>> 13) ^ a, 0xc2b2ae35) >>> 0
  return (high & 0x1fffff) * 0x1_0000_0000 + low || 1
}
