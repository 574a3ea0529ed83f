import type { KxError } from '../../base/index.ts'
import type { Reason } from '../plan/index.ts'

/** What became of some partitions of one model. */
export type StepStatus = 'built' | 'unchanged' | 'current' | 'failed' | 'blocked' | 'frozen'

/** One line of a run. Times are ms since the epoch, NaN for what is built once. */
export interface StepEvent {
  readonly type: 'step'
  readonly model: string
  readonly startMs: number
  readonly endMs: number
  readonly partitions: number
  readonly status: StepStatus
  readonly reason: Reason
  readonly rows: number
  readonly written: number
  readonly deleted: number
  readonly durationMs: number
  /** Of a failed step. */
  readonly error?: KxError
  /** Of a blocked step: the model that is missing or failed. */
  readonly by?: string
}

/** A table or view was made or changed before the first step. */
export interface RelationEvent {
  readonly type: 'relation'
  readonly model: string
  readonly action: 'created' | 'altered' | 'replaced' | 'renamed' | 'failed'
  readonly detail: string
  readonly error?: KxError
}

/** A step waits for another kx process that builds the same partitions. */
export interface ClaimedEvent {
  readonly type: 'claimed'
  readonly model: string
  readonly startMs: number
  readonly endMs: number
}

/** A step begins: for the progress line alone. */
export interface StartedEvent {
  readonly type: 'started'
  readonly model: string
  readonly startMs: number
  readonly endMs: number
}

export type RunEvent = StepEvent | RelationEvent | ClaimedEvent | StartedEvent
