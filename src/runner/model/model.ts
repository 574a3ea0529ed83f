import type { Grain } from '../../base/index.ts'
import type { Contract } from './contract.ts'
import type { Edge } from './window.ts'

export type Materialization = 'incremental' | 'table' | 'view' | 'ephemeral'
export type Strategy = 'replace' | 'upsert' | 'append'
export type OnSchemaChange = 'append' | 'fail' | 'rebuild'

/** What config() and the contract's `config:` say of a model, defaults filled in. */
export interface ModelConfig {
  readonly materialized: Materialization
  /** Undefined for what is built once: tables, views, ephemerals. */
  readonly partition: Grain | undefined
  readonly strategy: Strategy
  readonly uniqueKey: readonly string[]
  /** The column that places a row in time (`event_time` is its alias). */
  readonly timeColumn: string | undefined
  /** SQL condition for strategy upsert; `old` and `new` name the two rows. */
  readonly updateWhen: string | undefined
  readonly onSchemaChange: OnSchemaChange
  /** Hours per statement that config promises give equal results; undefined: kx decides. */
  readonly batch: number | undefined
  /** ms since the epoch; the first hour that exists. */
  readonly beginMs: number | undefined
  readonly settleMs: number
  readonly isProtected: boolean
  readonly isEnabled: boolean
  readonly renamedFrom: string | undefined
  readonly tags: readonly string[]
  /** Everything that was written, for `config.<key>:` selectors. */
  readonly written: Readonly<Record<string, unknown>>
}

/** A use of ref, source or previous in a template, bound to a name in the SQL. */
export interface Binding {
  /** The name that the SQL text uses for the rows, a plain identifier. */
  readonly name: string
  readonly edge: Edge
}

/** A bound that the SQL takes as a parameter: `$n::timestamptz`, ms added to the step's start or end. */
export interface BoundParameter {
  readonly from: 'start' | 'end'
  readonly offsetMs: number
}

/**
 * SQL that a template rendered to: one stable text for every hour.
 *
 * `sql` reads its inputs by the names of `bindings` and holds `$1::timestamptz`… for `parameters`; the sql
 * room puts the CTEs in front that bind the names.
 */
export interface RenderedSql {
  readonly sql: string
  readonly bindings: readonly Binding[]
  /** `partition.start` and `partition.end` as used, `$1` first. */
  readonly parameters: readonly BoundParameter[]
  /** vars that the text depends on, by name, as rendered. */
  readonly vars: Readonly<Record<string, unknown>>
  /** Template file, relative to the project. */
  readonly file: string
}

/** One `.sql` file under models/, rendered. `id` is `silver.fact_ohlcv`. */
export interface Model {
  readonly kind: 'model'
  readonly id: string
  /** First folder under models/: the schema, without the target's prefix. */
  readonly schema: string
  /** File name without `.sql`; unique in the project. */
  readonly name: string
  /** Folders and name: ['silver', 'fact_ohlcv']. */
  readonly fqn: readonly string[]
  readonly file: string
  readonly contractFile: string | undefined
  readonly config: ModelConfig
  /** What it reads, each once, in the order of its text; its own past included. */
  readonly edges: readonly Edge[]
  readonly rendered: RenderedSql
  /** Hash of what changes the rows: a whole number below 2^53. */
  readonly codeHash: number
  readonly contract: Contract | undefined
}

/** A CSV under seeds/: a small table that git owns. `id` is `seeds.<name>`. */
export interface Seed {
  readonly kind: 'seed'
  readonly id: string
  readonly schema: string
  readonly name: string
  readonly fqn: readonly string[]
  readonly file: string
  readonly contract: Contract | undefined
  readonly contractFile: string | undefined
  readonly tags: readonly string[]
  /** Hash of the content: a whole number below 2^53; it is the seed's version. */
  readonly contentHash: number
}

/** A table that no model builds, declared by models/bronze/<name>.yml. `id` is `bronze.ohlcv_native`. */
export interface Source {
  readonly kind: 'source'
  readonly id: string
  readonly schema: string
  readonly name: string
  readonly fqn: readonly string[]
  readonly file: string
  readonly contract: Contract
  readonly tags: readonly string[]
}
