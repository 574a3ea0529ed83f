import type { QueryResult, Session } from './session.ts'

/** Where a warehouse is and how kx's schemas are named there. Holds secrets: never print it. */
export interface Target {
  readonly name: string
  readonly engine: 'embedded' | 'server'
  /** Put before every schema that kx writes, the ledger's and the audit's too: `dev_anna_`, or empty. */
  readonly schemaPrefix: string
  /** Put before the schemas of sources and of their ledger. */
  readonly sourcePrefix: string
  /** libpq names, or `url`. Empty for the embedded engine. */
  readonly connection: Readonly<Record<string, string>>
  /** Absolute; where an embedded warehouse of this project may live. */
  readonly projectDirectory: string
}

/** An open warehouse: a small pool of sessions on one target. */
export interface Warehouse extends AsyncDisposable {
  readonly target: Target
  /** Major version of the server: 15, 17. */
  readonly serverMajor: number
  /** Runs one statement on any free session. */
  query<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<QueryResult<Row>>
  /** A session of one's own; dispose it to give it back. A broken one is dropped, not reused. */
  session(): Promise<Session>
}

/** The ledger's schema: `kx`, `dev_anna_kx`. */
export function ledgerSchema(target: Target): string {
  return `${target.schemaPrefix}kx`
}

/** The schema that holds kx.source_partition and kx.load. */
export function sourceLedgerSchema(target: Target): string {
  return `${target.sourcePrefix}kx`
}
