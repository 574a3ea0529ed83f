/**
 * What the ledger says of one relation, by column. Row `i` is the partition that starts `starts[i]` hours after
 * the epoch; rows are in no particular order. A relation without partitions has one row with start NaN.
 */
export interface LedgerRows {
  readonly starts: Float64Array
  readonly versions: Float64Array
}

/** A model's rows that hold something, with the code and inputs they were built from. */
export interface ModelLedgerRows extends LedgerRows {
  readonly codeHashes: Float64Array
  /** `inputs[i]`: one hash per edge, joined by `:`; a number where there is one edge. */
  readonly inputs: ArrayLike<string | number>
}

/** A partition whose state is not plainly "built". */
export interface LedgerException {
  readonly model: string
  /** Hours after the epoch; NaN without partitions. */
  readonly start: number
  readonly isPartial: boolean
  /** Code of the last attempt's error; undefined if it did not fail. */
  readonly failedWith: string | undefined
  readonly failure: string | undefined
}

/** A range of time in which the facts of a source (expected instruments) changed at `version`. */
export interface LedgerRange {
  readonly version: number
  readonly fromMs: number
  readonly toMs: number
}

/** The ledger at one moment: all that the planner needs, read at once. */
export interface LedgerSnapshot {
  readonly models: ReadonlyMap<string, ModelLedgerRows>
  readonly exceptions: readonly LedgerException[]
  readonly sources: ReadonlyMap<string, LedgerRows & { readonly prunedStarts: readonly number[] }>
  readonly ranges: ReadonlyMap<string, readonly LedgerRange[]>
  /** The vars that versions of a model's code depended on, as JSON: by model, then by code hash. */
  readonly vars: ReadonlyMap<string, ReadonlyMap<number, string>>
}
