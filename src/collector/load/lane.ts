import type { Instrument } from '../../base/index.ts'
import type { Session, Target } from '../../warehouse/index.ts'
import { registerUnlisted } from '../instruments/instrument-ledger.ts'
import type { InstrumentIndex } from '../instruments/resolve.ts'
import type { BronzeTables } from './bronze-tables.ts'
import { type Chunk, createChunk } from './chunk.ts'
import type { LoadedSegment } from './load-ledger.ts'

/** Instruments that project.yml does not list, and whether they are in the warehouse. */
export type UnlistedInstruments = Map<string, { readonly instrument: Instrument; isRegistered: boolean }>

/** What files are loaded through, by whoever loads them: one transaction at a time. */
export interface LoadLane {
  readonly session: () => Session
  readonly target: Target
  readonly tables: BronzeTables
  readonly index: InstrumentIndex
  readonly chunk: Chunk
  /** Of the open transaction. */
  readonly segments: LoadedSegment[]
  readonly unlisted: UnlistedInstruments
  /** Holds `dead-letters/`. */
  readonly stateDirectory: string
  readonly nowMs: () => number
}

/** A lane with nothing in it. */
export function createLane(
  start: Omit<LoadLane, 'chunk' | 'segments' | 'unlisted'> & { readonly loadId?: () => number | undefined },
): LoadLane {
  const { session, target, tables, index, stateDirectory, nowMs } = start
  const chunk = createChunk(start)
  return { session, target, tables, index, chunk, segments: [], unlisted: new Map(), stateDirectory, nowMs }
}

/** What a commit made true. */
export interface CommittedLoad {
  readonly loadId: number
  readonly segments: readonly LoadedSegment[]
  /** Met for the first time and not in project.yml. */
  readonly unlisted: readonly Instrument[]
}

/**
 * Commits the open transaction: rows, hours, instruments and files together. There must be one.
 *
 * @throws {LedgerMovedError} if another process loaded one of the files meanwhile
 */
export async function commitLane(lane: LoadLane): Promise<CommittedLoad> {
  const { chunk, target } = lane
  const unlisted = [...lane.unlisted.values()].filter(({ isRegistered }) => !isRegistered)
  const segments = lane.segments.splice(0)
  // What the encoders hold goes out first: a copy under way takes no other statement.
  await chunk.endRows()
  const [table] = Object.values(lane.tables)
  if (table) {
    const instruments = unlisted.map(({ instrument }) => instrument)
    await registerUnlisted(lane.session(), target, { table, instruments })
  }
  const { loadId } = chunk.current()
  await chunk.commit(segments)
  for (const one of unlisted) one.isRegistered = true
  return { loadId, segments, unlisted: unlisted.map(({ instrument }) => instrument) }
}
