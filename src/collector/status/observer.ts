import type { Clock } from '../../base/index.ts'
import type { FeedPlan } from '../feed/feed.ts'
import type { SyncedPart } from '../landing/landing.ts'
import { createMeter, type Meter } from '../supervise/meter.ts'
import type { WorkerView } from '../supervise/supervisor.ts'
import type { WorkerStatus } from '../worker/protocol.ts'
import { degradedParts } from './degraded.ts'
import { createTotals } from './feed-totals.ts'
import { createFrameRates } from './frame-rates.ts'
import { createLandedBytes } from './landed-bytes.ts'
import { type CollectStatus, exchangeStatus, type LandingShown, workerShown } from './status.ts'

/** Sees what workers say, and knows the state of the whole. */
export interface Observer {
  readonly meter: Meter
  onStatus(worker: number, status: WorkerStatus): void
  onSynced(parts: readonly SyncedPart[]): void
  /** A worker's process is gone and its landing recovered; `partPrefix` is that of its parts. */
  onGone(worker: number, partPrefix: string): void
  status(now: Seen): CollectStatus
}

/** What others know at this moment. */
export interface Seen
  extends Pick<
    CollectStatus,
    'load' | 'upload' | 'supervisor' | 'workerRestarts' | 'collectorId' | 'bootId'
  > {
  readonly startedAt: string
  readonly workers: readonly WorkerView[]
  readonly landing: LandingShown
  /** By exchange, where it is known. */
  readonly openMinutes: ReadonlyMap<string, number>
}

/** Observes the workers of these feeds. */
export function createObserver(clock: Clock, feeds: readonly FeedPlan[]): Observer {
  const exchanges = [...new Set(feeds.map(({ exchange }) => exchange))]
  const totals = createTotals()
  const landed = createLandedBytes()
  const meter = createMeter()
  const rates = createFrameRates()
  return {
    meter,
    onStatus(worker, { feeds: statuses }) {
      totals.add(worker, statuses)
      meter.add(worker, statuses, clock.monotonicMs())
    },
    onSynced: (parts) => landed.add(parts),
    onGone(worker, partPrefix) {
      totals.forget(worker)
      meter.forget(worker)
      landed.forget((path) => path.includes(`/${partPrefix}`))
    },
    status(now) {
      const counted = totals.totals()
      rates.add(
        new Map([...counted].map(([exchange, { frames }]) => [exchange, frames])),
        clock.monotonicMs(),
      )
      const statuses = now.workers.flatMap(({ status }) => status?.feeds ?? [])
      const { workers, openMinutes, ...rest } = now
      const shown = {
        ...rest,
        exchanges: exchanges.map((exchange) =>
          exchangeStatus({
            exchange,
            feeds: statuses.filter((feed) => feed.exchange === exchange),
            totals: counted.get(exchange),
            messagesPerSecond: rates.perSecond(exchange),
            landedBytes: landed.bytesByExchange().get(exchange) ?? 0,
            openMinutes: openMinutes.get(exchange),
          }),
        ),
        workers: workers.map(workerShown),
      }
      return { ...shown, degraded: degradedParts(shown) }
    },
  }
}
