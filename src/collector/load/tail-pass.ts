import { recordKinds } from '../formats/index.ts'
import type { SyncedPart } from '../landing/landing.ts'
import { commitLane } from './lane.ts'
import { openParts } from './tail-open.ts'
import { readBeginning, readPart } from './tail-read.ts'
import type { TailProblem } from './tail-result.ts'
import {
  addSegments,
  groupsOf,
  noteProblem,
  type TailReading,
  type TailState,
  type TailTotals,
} from './tail-state.ts'

/** Small growths are read side by side, but never so many that memory grows. */
const AT_ONCE = 16
/** To a transaction. */
const CHUNK_ROWS = 100_000

/**
 * Brings parts into bronze through the session of the pass: one transaction, unless they grew by very much.
 *
 * @returns problems by path
 * @throws {KxError} or {SqlError}; what the memory knows of these parts may then be wrong
 */
export async function runPass(
  state: TailState,
  parts: readonly SyncedPart[],
  totals: TailTotals,
): Promise<Map<string, TailProblem>> {
  const { readings, problems } = await openParts(state, parts)
  // One copy for each table, not one for each change of tables.
  readings.sort((a, b) => recordKinds.indexOf(a.open.records) - recordKinds.indexOf(b.open.records))
  for (const group of groupsOf(readings, AT_ONCE)) {
    const beginnings = group.map((reading) => readBeginning(state, reading))
    for (const [i, reading] of group.entries()) {
      const problem = await readOne(state, { reading, beginning: beginnings[i], totals })
      if (problem) problems.set(reading.part.path, problem)
    }
  }
  await commit(state, totals)
  for (const reading of readings) remember(state, reading)
  for (const [path, problem] of problems) {
    const reading = readings.find(({ part }) => part.path === path)
    noteProblem(state, path, { problem, loadedBytes: reading?.open.reader.offset() ?? 0 })
  }
  return problems
}

/** Reads a part as far as it is synced; one that is long is committed on the way. */
async function readOne(
  state: TailState,
  {
    reading,
    beginning,
    totals,
  }: {
    readonly reading: TailReading
    readonly beginning: Promise<Uint8Array> | undefined
    readonly totals: TailTotals
  },
): Promise<TailProblem | undefined> {
  const { chunk } = state.lane
  const reads = readPart(state, reading, beginning)
  for (;;) {
    const { done, value } = await reads.next()
    if (done) {
      await close(state, reading, totals)
      return value
    }
    if (chunk.rows() < CHUNK_ROWS) continue
    await close(state, reading, totals)
    await commit(state, totals)
  }
}

/** Closes what was read as a segment of the open transaction; its bad lines are on disk before it commits. */
async function close({ lane }: TailState, { open }: TailReading, totals: TailTotals): Promise<void> {
  const segment = open.reader.takeSegment()
  if (segment === undefined) return
  lane.segments.push(segment)
  if (segment.badLines === 0) return
  await open.reader.writeBad()
  totals.deadLetterFiles.add(open.reader.deadLetterPath)
}

async function commit({ lane, note }: TailState, totals: TailTotals): Promise<void> {
  if (!lane.chunk.isOpen()) return
  const { loadId, segments, unlisted } = await commitLane(lane)
  note(loadId)
  addSegments(totals, segments)
  totals.unlisted.push(...unlisted)
}

/** What is in the ledger now need not be asked for again. */
function remember({ memory }: TailState, { part, open }: TailReading): void {
  const loadedBytes = open.reader.offset()
  if (part.isSealed && loadedBytes >= part.bytes) memory.close(part.path, loadedBytes)
  else if (loadedBytes > 0) memory.keep(part.path, open)
}
