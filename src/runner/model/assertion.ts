import type { Place } from '../../base/index.ts'
import type { RenderedSql } from './model.ts'

/** A data test: SQL that returns the rows that are wrong. */
export interface Assertion {
  readonly kind: 'test'
  /** `tests.not_null_fact_ohlcv_open`; generic tests are named for test, model and columns. */
  readonly id: string
  readonly name: string
  readonly fqn: readonly string[]
  readonly file: string
  readonly at: Place
  /** `unit` only where selectors are evaluated: a unit test stands there for its model's side. */
  readonly testType: 'generic' | 'singular' | 'unit'
  /** The generic test's name: `not_null`. */
  readonly testName: string | undefined
  readonly rendered: RenderedSql
  /** Ids of the models and sources that it reads. */
  readonly parents: readonly string[]
  /** Id of the model that a generic test is written under, or the only model a singular one reads. */
  readonly model: string | undefined
  readonly severity: 'error' | 'warn'
  /** Runs inside the model's transaction, before its rows become visible. */
  readonly isBlocking: boolean
  readonly tags: readonly string[]
  readonly config: Readonly<Record<string, unknown>>
  readonly codeHash: number
}

/** A unit test in YAML: given rows take the place of inputs, the model's rows are compared with `expect`. */
export interface UnitTest {
  readonly kind: 'unit_test'
  readonly name: string
  readonly description: string
  readonly file: string
  readonly at: Place
  /** Name or id of the model. */
  readonly model: string
  /** Partition key that binds the bounds; undefined if the model has none. */
  readonly partition: string | undefined
  /** Range of hours built as one batch, `A..B`. */
  readonly batch: string | undefined
  readonly vars: Readonly<Record<string, unknown>>
  readonly given: readonly GivenRows[]
  readonly expect: readonly Readonly<Record<string, unknown>>[]
  readonly isOrdered: boolean
}

/** Rows that stand in for `ref('x')`, `source('a', 'b')` or `previous('1h')`. */
export interface GivenRows {
  readonly input: string
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly at: Place
}
