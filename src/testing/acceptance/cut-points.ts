import { randomOf } from '../../collector/simulator/random.ts'
import type { CutProxy, Direction } from '../cut-proxy.ts'

/** Every point is tried, not a sample. */
const isFull = process.env.KX_TEST_FULL === '1'

/** The same seed tries the same points. */
const seed = Number(process.env.KX_TEST_SEED ?? Date.now() % 1_000_000)
if (!isFull) {
  process.stderr.write(`cut points: a sample by KX_TEST_SEED=${seed}; KX_TEST_FULL=1 tries every message\n`)
}

/**
 * Before which messages of the last trace to cut: `count` at random, and around every commit. All of them with
 * KX_TEST_FULL=1.
 */
export function cutPoints(proxy: CutProxy, direction: Direction, count: number): number[] {
  const trace = proxy.trace(direction)
  const all = trace.map((_, i) => i + 1)
  if (isFull) return all
  const commits = all.filter((before) => isCommit(trace[before - 1]))
  return [...new Set([...commits, ...shuffled(all).slice(0, count)])].sort((a, b) => a - b)
}

/** As few as a process each allows: two commits, and `count` at random. */
export function killPoints(proxy: CutProxy, direction: Direction, count: number): number[] {
  const trace = proxy.trace(direction)
  const all = trace.map((_, i) => i + 1)
  if (isFull) return all
  const commits = all.filter((before) => isCommit(trace[before - 1]))
  return [...new Set([...shuffled(commits).slice(0, 2), ...shuffled(all).slice(0, count)])]
}

/** COMMIT on its way to the server, or the server's word that it is done. */
function isCommit(head: string | undefined): boolean {
  return head === 'Q commit' || head === 'C COMMIT'
}

function shuffled(values: readonly number[]): number[] {
  const random = randomOf(seed, 'cut points')
  const keyed = values.map((value) => ({ value, key: random.next() }))
  return keyed.sort((a, b) => a.key - b.key).map(({ value }) => value)
}
