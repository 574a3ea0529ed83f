import type { Writable } from 'node:stream'

/** Rows as Postgres prints them, but int2/4/8, float4/8 as number and bool as boolean; times stay text. */
export interface QueryResult<Row> {
  readonly rows: Row[]
  readonly rowCount: number
}

/** One connection, its own until disposed. Statements run one after the other. */
export interface Session extends AsyncDisposable {
  /** Server process id, for pg_stat_activity and cancelling. */
  readonly processId: number
  /**
   * Runs one statement with `$n` values, or several separated by `;` when there are none.
   *
   * @throws {SqlError} when Postgres refuses it
   * @throws {KxError} KX_WAREHOUSE_UNREACHABLE when the connection is lost
   */
  query<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<QueryResult<Row>>
  /** Rows of one statement as arrays of Postgres's own text (null stays null), column order kept. */
  queryText(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ columns: string[]; rows: (string | null)[][] }>
  /** A stream for `copy … from stdin`; finished when the server has taken all of it. */
  copyIn(text: string): Writable
  /** The chunks of `copy … to stdout`. */
  copyOut(text: string): AsyncIterable<Buffer>
}

/** What Postgres said of a statement, apart from the statement itself. */
export interface SqlErrorFields {
  readonly sqlstate: string
  /** Characters into the statement, from 1. */
  readonly position: number | undefined
  readonly detail: string | undefined
  readonly hint: string | undefined
  readonly constraint: string | undefined
  readonly schema: string | undefined
  readonly table: string | undefined
  readonly column: string | undefined
}

/** A statement that Postgres refused; the caller knows whose it was and makes a KxError of it. */
export class SqlError extends Error implements SqlErrorFields {
  readonly sqlstate: string
  readonly position: number | undefined
  readonly detail: string | undefined
  readonly hint: string | undefined
  readonly constraint: string | undefined
  readonly schema: string | undefined
  readonly table: string | undefined
  readonly column: string | undefined

  constructor(message: string, fields: SqlErrorFields, cause?: unknown) {
    super(message, { cause })
    this.name = 'SqlError'
    this.sqlstate = fields.sqlstate
    this.position = fields.position
    this.detail = fields.detail
    this.hint = fields.hint
    this.constraint = fields.constraint
    this.schema = fields.schema
    this.table = fields.table
    this.column = fields.column
  }
}
