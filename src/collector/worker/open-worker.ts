import type { Clock } from '../../base/index.ts'
import { withAddresses } from '../feed/addresses.ts'
import type { Feed, FeedContext, FeedPlan } from '../feed/feed.ts'
import { openFeed } from '../feed/open-feed.ts'
import { type Landing, openLanding } from '../landing/index.ts'
import { openLoopDelay } from './loop-delay.ts'
import type { FromWorker, ToWorker, WorkerPlan, WorkerStatus } from './protocol.ts'
import { createRemoteBroker } from './remote-broker.ts'
import { createRemoteTrades } from './remote-trades.ts'
import { createSyncWatch } from './sync-watch.ts'
import { createWorkerLog } from './worker-log.ts'

/** What a worker needs. */
export interface WorkerInput {
  readonly clock: Clock
  readonly env: Readonly<Record<string, string | undefined>>
  readonly plan: WorkerPlan
  readonly send: (message: FromWorker) => void
}

/** The feeds of a worker and the landing they share. */
export interface Worker {
  /** Answers and orders of the supervisor. */
  hear(message: ToWorker): void
  status(): WorkerStatus
  /** Opens the feeds. @throws {KxError} if one cannot be opened at all */
  openFeeds(): Promise<void>
  /** Syncs what was taken. */
  commit(): Promise<void>
  /** Stops feeds and seals the landing; waits as long as the disk needs. */
  stop(cause: string): Promise<void>
}

/** Unlanded frames a worker may hold, bytes; above half of it sockets are paused. */
const MOST_PENDING_BYTES = 32 * 1024 * 1024

/** Opens the landing of a worker; its feeds come with `openFeeds`. */
export function openWorker({ clock, env, plan, send }: WorkerInput): Worker {
  const { collectorId, bootId, worker, landingDirectory: directory } = plan
  const writer = `${collectorId}-${bootId}-${worker}`
  const broker = createRemoteBroker(send)
  const trades = createRemoteTrades(send)
  const log = createWorkerLog(clock, send)
  const synced = createSyncWatch(clock)
  const loopDelay = openLoopDelay()
  const feeds: Feed[] = []
  let opened = 0
  let isStopped = false
  let isShadow = plan.isShadow === true
  const landing: Landing = openLanding({
    directory,
    partPrefix: `part-${writer}`,
    clock,
    onSynced(parts) {
      synced.synced(parts)
      send({ type: 'synced', parts })
    },
    onTrouble: (error) =>
      error === undefined
        ? log('info', 'landing_well', 'the landing is written again')
        : log('error', 'landing', error.message),
  })
  const context: FeedContext = {
    clock,
    broker,
    nextFeedId: (exchange) => `${writer}-${exchange}-${opened++}`,
    // Candles may land twice: silver chooses. A tick has one owner.
    land: (lines) => landing.append(isShadow ? lines.filter(({ folder }) => !isTick(folder)) : lines),
    hasRoom: () => landing.pendingBytes() < MOST_PENDING_BYTES / 2,
    hadTrades: trades.hadTrades,
    log,
  }
  const ofKind = (kind: FeedPlan['kind']) => feeds.filter((feed) => feed.plan.kind === kind)
  return {
    hear(message) {
      if (message.type === 'granted') broker.granted(message.id)
      if (message.type === 'traded') trades.answered(message.id, message.answer)
      if (message.type === 'own') isShadow = false
      if (message.type === 'pause') for (const feed of ofKind(message.kind)) feed.pause(message.cause)
      if (message.type === 'resume') for (const feed of ofKind(message.kind)) feed.resume()
    },
    status: () => ({
      feeds: feeds.map((feed) => feed.status()),
      pendingBytes: landing.pendingBytes(),
      sinceSyncS: synced.sinceS(),
      syncedBytes: synced.bytes(),
      residentBytes: process.memoryUsage.rss(),
      loopDelayP99Ms: loopDelay.p99Ms(),
    }),
    async openFeeds() {
      for (const feed of plan.feeds) {
        if (isStopped) return
        feeds.push(await open(context, { ...feed, settings: withAddresses(feed.settings, env) }))
      }
    },
    commit: () => landing.commit(),
    async stop(cause) {
      isStopped = true
      await Promise.all(feeds.map((feed) => feed.stop(cause)))
      loopDelay[Symbol.dispose]()
      await landing[Symbol.asyncDispose]()
    },
  }
}

function isTick(folder: string): boolean {
  return folder.includes('/channel=ticks/')
}

/** CCXT is large: only a worker with tick feeds loads it. */
async function open(context: FeedContext, plan: FeedPlan): Promise<Feed> {
  if (plan.kind === 'candles') return openFeed(context, plan)
  const { openTickFeed } = await import('../ccxt/open-tick-feed.ts')
  return openTickFeed(context, plan)
}
