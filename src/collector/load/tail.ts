import type { SyncedPart } from '../landing/landing.ts'
import { loadGrown } from './load-grown.ts'
import type { TailedPart, TailProblem, TailResult } from './tail-result.ts'
import { createTailState, noTotals, type TailOptions, type TailState, type TailTotals } from './tail-state.ts'
import { createTailStatistics } from './tail-statistics.ts'

export type { TailedPart, TailOptions, TailProblem, TailResult }

/** Brings the parts of a running collector into bronze, each line once. */
export interface Tail extends AsyncDisposable {
  /**
   * Loads every part up to its synced length and never beyond; parts that did not grow cost nothing. One call at
   * a time. A part's own failure is told in the result; the others go on.
   *
   * What another process loaded meanwhile, and a line cut at the commit, are found out from the ledger.
   *
   * @throws {KxError} KX_WAREHOUSE_UNREACHABLE, KX_LOAD_FAILED, KX_DISK_FULL: nothing is lost, call again later
   */
  load(parts: readonly SyncedPart[]): Promise<TailResult>
}

/** A tail with nothing read yet; the ledger says where each part goes on. Touches nothing before the first load. */
export function openTail(options: TailOptions): Tail {
  const { warehouse } = options
  const statistics = createTailStatistics(warehouse)
  const state = createTailState(options)
  return {
    async load(given) {
      // The last word on a part counts.
      const parts = [...new Map(given.map((part) => [part.path, part])).values()]
      for (const part of parts) closeSealed(state, part)
      const totals = noTotals()
      try {
        const problems = await loadGrown(warehouse, state, { parts: parts.filter(grew(state)), totals })
        return resultOf(state, given, { problems, totals })
      } finally {
        await statistics.add(totals.rowsByRelation)
      }
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** Of a part that is loaded and will not grow only its name is kept. */
function closeSealed({ memory }: TailState, { path, bytes, isSealed }: SyncedPart): void {
  const loadedBytes = memory.open(path)?.reader.offset()
  if (isSealed && loadedBytes !== undefined && loadedBytes >= bytes) memory.close(path, loadedBytes)
}

/** Whether a part has something to load that was not tried just now. */
function grew({ memory, clock }: TailState): (part: SyncedPart) => boolean {
  return ({ path, bytes }) => {
    if (memory.skipped(path) !== undefined || (memory.loadedBytes(path) ?? 0) >= bytes) return false
    const failure = memory.failure(path)
    return failure === undefined || clock.monotonicMs() >= failure.againAtMs
  }
}

function resultOf(
  state: TailState,
  parts: readonly SyncedPart[],
  { problems, totals }: { readonly problems: ReadonlyMap<string, TailProblem>; readonly totals: TailTotals },
): TailResult {
  const { rowsByRelation, bytes, badLines, deadLetterFiles, unlisted } = totals
  return {
    parts: parts.map((part) => tailedPart(state, part, problems.get(part.path))),
    rowsByRelation,
    rows: Object.values(rowsByRelation).reduce((sum, rows) => sum + rows, 0),
    bytes,
    badLines,
    deadLetterFiles: [...deadLetterFiles],
    unlisted,
  }
}

function tailedPart(
  { memory }: TailState,
  { path, bytes }: SyncedPart,
  problem: TailProblem | undefined,
): TailedPart {
  const reason = memory.skipped(path)
  if (reason !== undefined) return { path, loadedBytes: 0, problem: { kind: 'skipped', reason } }
  const loadedBytes = memory.loadedBytes(path) ?? 0
  const failure = loadedBytes < bytes ? memory.failure(path) : undefined
  return { path, loadedBytes, problem: problem ?? (failure && { kind: 'failed', error: failure.error }) }
}
