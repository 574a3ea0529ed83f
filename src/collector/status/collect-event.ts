import type { Shard, WorkerShards } from '../supervise/shards.ts'
import type { SupervisorEvent } from '../supervise/supervisor.ts'
import type { LogLine } from './log.ts'
import type { CollectStatus } from './status.ts'

/** What `kx collect` shows as it happens. */
export type CollectEvent =
  | {
      readonly type: 'started'
      readonly collectorId: string
      readonly bootId: string
      /** Of health and metrics, on 127.0.0.1. */
      readonly port: number
      readonly workers: readonly WorkerShards[]
    }
  | ({ readonly type: 'log' } & LogLine)
  | { readonly type: 'worker'; readonly event: SupervisorEvent; readonly feeds: readonly Shard[] }
  /** Every second. */
  | { readonly type: 'status'; readonly status: CollectStatus }
  | { readonly type: 'stopping'; readonly cause: string }
  | {
      readonly type: 'stopped'
      /** What was not done in time; the next start goes on with it. */
      readonly unloadedBytes: number
      readonly unuploadedBytes: number
    }
