import type { Clock } from '../../base/index.ts'
import type { Target } from '../../warehouse/index.ts'
import type { FeedPlan } from '../feed/feed.ts'
import type { WorkerShards } from '../supervise/shards.ts'
import type { ObjectStore } from '../upload/object-store.ts'
import type { WorkerLink } from '../worker/channel.ts'
import type { OpenBronze } from './load-loop.ts'

/** Where candles are loaded to. */
export interface BronzeInput {
  readonly target: Target
  /** Connects; asked again for as long as it fails. @throws {KxError} */
  readonly open: () => Promise<OpenBronze>
}

/** What a collector needs of the world. */
export interface CollectorInput {
  /** Absolute: lock, ids, plan, the broker's memory, the upload manifest. */
  readonly stateDirectory: string
  /** Absolute. */
  readonly landingDirectory: string
  /** What is collected, whole; see `planFeeds`. */
  readonly feeds: readonly FeedPlan[]
  /** Who collects it; see `planWorkers`. */
  readonly workers: readonly WorkerShards[]
  /** How long after its end an hour is settled, ms: project.yml's `settle`. */
  readonly settleMs: number
  /** Loopback port of health and metrics; 0: any free one. */
  readonly port: number
  readonly fork: (kind: FeedPlan['kind']) => WorkerLink
  /** Undefined: nothing is loaded, and so nothing repaired. */
  readonly bronze: BronzeInput | undefined
  /** Opens the store; undefined: nothing is uploaded. */
  readonly openStore: (() => Promise<ObjectStore & Disposable>) | undefined
  /** Loaded (and uploaded) parts are deleted this long after their hour, ms; undefined: when space calls for it. */
  readonly retainMs: number | undefined
  readonly clock: Clock
  readonly random: () => number
  /** Aborts when the collector shall stop. */
  readonly signal: AbortSignal
  /** Stops by itself after so long; undefined: never. */
  readonly durationMs: number | undefined
}
