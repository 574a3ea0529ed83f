import type { Grain } from '../../base/index.ts'
import type { Edge } from '../model/index.ts'

/** An input of a model as the planner sees it: views and ephemerals are already looked through. */
export interface PlanEdge {
  readonly edge: Edge
  /** `range` is a source of facts (expected instruments); `none` is read but not tracked. */
  readonly from: 'model' | 'source' | 'range' | 'previous' | 'none'
  readonly parent: string
  /** Undefined when the parent is built once. */
  readonly parentGrain: Grain | undefined
}

/** A model, view or seed as the planner sees it. */
export interface PlanModel {
  readonly id: string
  readonly kind: 'incremental' | 'table' | 'view' | 'seed'
  readonly grain: Grain | undefined
  /** Of everything that changes its rows, ephemerals it reads included. */
  readonly codeHash: number
  /** Those its text depends on, ephemerals' too. */
  readonly vars: Readonly<Record<string, unknown>>
  /** Tracked inputs in the ledger's order. */
  readonly edges: readonly PlanEdge[]
  /** Partitions that may be built in one statement. */
  readonly batch: number
  readonly beginMs: number | undefined
  readonly settleMs: number
  readonly isProtected: boolean
  /** Whether it reads its own past: built oldest first. */
  readonly hasPrevious: boolean
}

/** Why a partition is built. */
export type Reason =
  | { readonly kind: 'missing' | 'partial' | 'failed' | 'requested' | 'refresh' }
  /** `vars` says which of them differ: `lookback: 3 → 5`. */
  | { readonly kind: 'code'; readonly vars?: string | undefined }
  | { readonly kind: 'input'; readonly parent: string }

/** `new code`, `silver.fact_ohlcv changed`, …: for plan, run and why. */
export function formatReason(reason: Reason): string {
  switch (reason.kind) {
    case 'missing':
      return 'missing'
    case 'code':
      return reason.vars === undefined ? 'code changed' : `var ${reason.vars}`
    case 'partial':
      return 'was partial'
    case 'failed':
      return 'failed before'
    case 'requested':
      return 'asked for'
    case 'refresh':
      return 'full refresh'
    case 'input':
      return `${reason.parent} changed`
  }
}
