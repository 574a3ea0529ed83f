import type { Clock, Place } from '../../base/index.ts'
import type { Warehouse } from '../../warehouse/index.ts'
import type { Graph } from '../graph/index.ts'
import type { Assertion, Model } from '../model/index.ts'
import type { Naming, Resolve } from '../sql/index.ts'

/** What every part of a run needs. */
export interface RunContext {
  readonly warehouse: Warehouse
  readonly graph: Graph
  readonly naming: Naming
  readonly resolve: Resolve
  readonly runId: string
  readonly clock: Clock
  /** Connections that build. */
  readonly threads: number
  readonly isForced: boolean
  readonly isFailFast: boolean
  /** Steps after which the run stops. */
  readonly limit: number
  readonly signal: AbortSignal
  /** Rows of a seed's CSV as SQL. */
  readonly seedSql: (id: string) => string
  /** The place in a template that wrote the character at `offset` of its rendered SQL. */
  readonly locate: (node: Model | Assertion, offset: number) => Place
}
