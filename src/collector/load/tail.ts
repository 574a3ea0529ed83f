import type { Clock, Instrument, KxError } from '../../base/index.ts'
import type { SourceTable, Warehouse } from '../../warehouse/index.ts'
import type { SyncedPart } from '../landing/landing.ts'

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

/** What one call brought, all of it committed. */
export interface TailResult {
  /** Of each part that was given, in its order. */
  readonly parts: readonly TailedPart[]
  /** All rows, by relation: `bronze.ohlcv_native`. */
  readonly rowsByRelation: Readonly<Record<string, number>>
  readonly rows: number
  readonly bytes: number
  readonly badLines: number
  /** Dead-letter files that got lines. */
  readonly deadLetterFiles: readonly string[]
  /** Met for the first time and not in project.yml. */
  readonly unlisted: readonly Instrument[]
}

/** How far a part is in bronze. */
export interface TailedPart {
  readonly path: string
  /** Its first so many bytes are in bronze, or in dead letters; 0 for a part that failed at once. */
  readonly loadedBytes: number
  /** Why it is not loaded to its synced length. */
  readonly problem: TailProblem | undefined
}

export type TailProblem =
  /** Asked for again with the next call, at most once a minute. */
  | { readonly kind: 'failed'; readonly error: KxError }
  /** Nothing that bronze has a table for: never loaded. */
  | { readonly kind: 'skipped'; readonly reason: string }
  /** Another process is loading it: the next call goes on. */
  | { readonly kind: 'busy' }

/** A tail with nothing read yet; the ledger says where each part goes on. Touches nothing before the first load. */
export function openTail(_options: TailOptions): Tail {
  throw new Error('the tail is not built yet')
}
