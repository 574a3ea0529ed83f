import type { Instrument, KxError } from '../../base/index.ts'
import type { FormatName, RecordKind } from '../formats/index.ts'

/** What `loadFiles` needs to know beside the files. */
export interface LoadOptions {
  /** Relative paths begin here. */
  readonly directory: string
  /** Names in the ledger are relative to it where they lie below it; default: `directory`. */
  readonly projectDirectory?: string
  /** Holds `dead-letters/`. */
  readonly stateDirectory: string
  readonly nowMs: number
  readonly format?: FormatName | undefined
  readonly exchange?: string | undefined
  readonly symbol?: string | undefined
  readonly quote?: string | undefined
  readonly nativeSymbol?: string | undefined
  /** A generic CSV holds every minute with a trade: silence between its rows proves quiet ones. */
  readonly isComplete?: boolean
  /** Replace the rows of files that were loaded before. */
  readonly isAgain?: boolean
  /** Rows to a transaction. */
  readonly chunkRows?: number
}

/** Totals of a load, of what was committed. */
export interface LoadSummary {
  readonly files: number
  /** All rows, quiet ones included. */
  readonly rows: number
  /** Of those, by table: `bronze.ohlcv_native`. */
  readonly rowsByRelation: Readonly<Record<string, number>>
  readonly quietRows: number
  /** Rows of files, or of their beginnings, that were in bronze already. */
  readonly duplicateRows: number
  readonly duplicateFiles: number
  readonly skippedFiles: number
  readonly failedFiles: number
  readonly badLines: number
  /** Dead-letter files that got lines. */
  readonly deadLetterFiles: readonly string[]
  readonly unlisted: readonly Instrument[]
}

/** What happens while files are loaded. A file's own failure is an event; the others go on. */
export type LoadEvent =
  | { readonly type: 'found'; readonly files: number; readonly bytes: number }
  /** Of the bytes found on disk, how many are done; rows of the open transaction are counted too. */
  | { readonly type: 'progress'; readonly file: string; readonly doneBytes: number; readonly rows: number }
  | {
      readonly type: 'file-loaded'
      readonly file: string
      readonly landingFile: string
      readonly format: FormatName
      readonly kind: RecordKind
      readonly rows: number
      readonly quietRows: number
      readonly badLines: number
      /** Bytes of an unfinished last line, left for the next time. */
      readonly leftBytes: number
    }
  | {
      readonly type: 'file-known'
      readonly file: string
      readonly landingFile: string
      readonly rows: number
    }
  | { readonly type: 'file-skipped'; readonly file: string; readonly reason: string }
  | { readonly type: 'file-failed'; readonly file: string; readonly error: KxError }
  | { readonly type: 'unlisted'; readonly instrument: Instrument }
  | { readonly type: 'committed'; readonly loadId: number; readonly rows: number; readonly files: number }
  | { readonly type: 'summary'; readonly summary: LoadSummary }
