import type { Clock, Instrument } from '../../base/index.ts'
import type { Session, SourceTable, Warehouse } from '../../warehouse/index.ts'
import { indexInstruments } from '../instruments/resolve.ts'
import type { SyncedPart } from '../landing/landing.ts'
import { bronzeTables } from './bronze-tables.ts'
import type { Candidate } from './candidate.ts'
import { createLane, type LoadLane } from './lane.ts'
import type { LoadedSegment } from './load-ledger.ts'
import { createTailMemory, type OpenPart, type TailMemory } from './tail-memory.ts'
import type { TailProblem } from './tail-result.ts'

/** What a tail needs. */
export interface TailOptions {
  /** The tail takes one session of it while it loads, none in between. */
  readonly warehouse: Warehouse
  /** Bronze as its contracts declare it; parts of a channel without a table are skipped. */
  readonly tables: readonly SourceTable[]
  /** project.yml's. */
  readonly instruments: readonly Instrument[]
  /** Absolute; paths of parts are below it. */
  readonly landingDirectory: string
  /** Holds `dead-letters/` of lines that are no records. */
  readonly stateDirectory: string
  readonly clock: Clock
}

/** What a tail works with. */
export interface TailState {
  readonly lane: LoadLane
  readonly memory: TailMemory
  /** Absolute. */
  readonly landingDirectory: string
  readonly clock: Clock
  /** The session of the pass under way. */
  use(session: Session | undefined): void
  /** A commit of this load. */
  note(loadId: number): void
}

/**
 * So long a tail's transactions are one load to the ledger: a line for each part and second would outgrow the
 * rows that they speak of.
 */
const LOAD_MS = 900_000

/** A tail that did nothing yet. */
export function createTailState(options: TailOptions): TailState {
  const { warehouse, clock, landingDirectory, stateDirectory } = options
  let session: Session | undefined
  let load: { readonly id: number; readonly untilMs: number } | undefined
  const lane = createLane({
    session() {
      if (!session) throw new Error('no pass is under way')
      return session
    },
    target: warehouse.target,
    tables: bronzeTables(options.tables),
    index: indexInstruments(options.instruments),
    stateDirectory,
    nowMs: () => clock.now(),
    loadId: () => (load && clock.monotonicMs() < load.untilMs ? load.id : undefined),
  })
  return {
    lane,
    memory: createTailMemory(),
    landingDirectory,
    clock,
    use(next) {
      session = next
    },
    note(loadId) {
      if (load?.id !== loadId) load = { id: loadId, untilMs: clock.monotonicMs() + LOAD_MS }
    },
  }
}

/** A part that is to be read on. */
export interface TailReading {
  readonly part: SyncedPart
  readonly open: OpenPart
  /** Of a part that is new to this tail. */
  readonly candidate: Candidate | undefined
}

/** What was brought, all of it committed. */
export interface TailTotals {
  readonly rowsByRelation: Record<string, number>
  bytes: number
  badLines: number
  readonly deadLetterFiles: Set<string>
  readonly unlisted: Instrument[]
}

/** Nothing yet. */
export function noTotals(): TailTotals {
  return { rowsByRelation: {}, bytes: 0, badLines: 0, deadLetterFiles: new Set(), unlisted: [] }
}

/** Counts what a commit made true. */
export function addSegments(totals: TailTotals, segments: readonly LoadedSegment[]): void {
  for (const { relation, rows, badLines, fromByte, toByte } of segments) {
    totals.rowsByRelation[relation] = (totals.rowsByRelation[relation] ?? 0) + rows
    totals.badLines += badLines
    totals.bytes += toByte - fromByte
  }
}

/** A part that failed is not tried again at once, one that is skipped never. */
export function noteProblem(
  { memory, clock }: TailState,
  path: string,
  { problem, loadedBytes }: { readonly problem: TailProblem; readonly loadedBytes: number },
): void {
  if (problem.kind === 'skipped') memory.skip(path, problem.reason)
  if (problem.kind !== 'failed') return
  memory.fail(path, { error: problem.error, loadedBytes, againAtMs: clock.monotonicMs() + FAILED_AGAIN_MS })
}

const FAILED_AGAIN_MS = 60_000

/** Cuts a list into groups of `size`. */
export function groupsOf<Value>(values: readonly Value[], size: number): Value[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) =>
    values.slice(i * size, (i + 1) * size),
  )
}
