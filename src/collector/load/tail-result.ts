import { type Instrument, isKxError, type KxError } from '../../base/index.ts'

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

/** A failure of the file itself, which names its place; anything else goes on up. */
export function asFileProblem(error: unknown): TailProblem {
  if (isKxError(error, 'KX_LOAD_FAILED') && error.at !== undefined) return { kind: 'failed', error }
  throw error
}
