/** A table that the collector fills: what a bronze contract says of it. */
export interface SourceTable {
  /** Schema without prefix: `bronze`. */
  readonly schema: string
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: string; readonly isNullable: boolean }[]
  /** The columns of its index, time first; empty for none. */
  readonly keyOrder: readonly string[]
}
