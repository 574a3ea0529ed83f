import type { DiskWatch } from '../status/disk-watch.ts'
import type { OpenMinutes } from '../status/open-minutes.ts'
import type { CollectStatus } from '../status/status.ts'
import type { CollectorInput } from './collector-input.ts'
import type { Collector, CollectorBase } from './open-collector.ts'

/** What runs beside the workers. */
export interface TaskInput {
  readonly input: CollectorInput
  readonly base: CollectorBase
  readonly collector: Collector
  /** When the collector of this state directory first began, ms. */
  readonly beganMs: number
  readonly openMinutes: OpenMinutes
  readonly disk: DiskWatch
  readonly status: () => CollectStatus
  readonly signal: AbortSignal
}
