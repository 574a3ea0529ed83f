import type { Place } from '../../base/index.ts'

/** One column of a contract. `type` is a PostgreSQL type as `format_type` prints it. */
export interface Column {
  readonly name: string
  readonly type: string
  readonly description: string
  /** `base`, `quote`, `seconds`, `bps`, … */
  readonly unit: string | undefined
  readonly isNullable: boolean
  readonly tests: readonly TestUse[]
}

/** A generic test as a contract uses it: `not_null`, `{ accepted_range: { min: 0 } }`. */
export interface TestUse {
  readonly name: string
  readonly args: Readonly<Record<string, unknown>>
  readonly at: Place
}

/** What a `.yml` beside a model, seed or source says. */
export interface Contract {
  readonly description: string
  readonly columns: readonly Column[]
  readonly tests: readonly TestUse[]
  /** `config:` of the file; config() in the SQL wins. */
  readonly config: Readonly<Record<string, unknown>>
  readonly tags: readonly string[]
  /** For a source of rows: the column that places a row in an hour. */
  readonly timeColumn: string | undefined
  /** For a source of facts that hold from one column's time to another's (null: for ever). */
  readonly validRange: { readonly from: string; readonly to: string } | undefined
  /** For a source: the columns of its index, time first. */
  readonly keyOrder: readonly string[]
  readonly file: string
}
