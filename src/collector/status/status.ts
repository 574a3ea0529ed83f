import type { FeedStatus } from '../feed/feed.ts'
import type { WorkerView } from '../supervise/supervisor.ts'
import type { UploadBacklog } from '../upload/uploader.ts'
import type { FeedTotals } from './feed-totals.ts'

/** What a collector shows of itself: on the terminal, over the control socket, as metrics. Plain JSON. */
export interface CollectStatus {
  readonly collectorId: string
  readonly bootId: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly exchanges: readonly ExchangeStatus[]
  readonly workers: readonly WorkerShown[]
  readonly workerRestarts: number
  readonly landing: LandingShown
  /** Null: not loaded by this collector. */
  readonly load: LoadBacklog | null
  /** Null: not uploaded by this collector. */
  readonly upload: UploadBacklog | null
  readonly supervisor: { readonly residentBytes: number; readonly loopDelayP99Ms: number }
  /** What is not as it should be, in words; nothing of it is a reason to restart. */
  readonly degraded: readonly string[]
}

/** All feeds of one exchange. */
export interface ExchangeStatus extends FeedTotals {
  readonly exchange: string
  /** `live`, or the worst that one of its feeds is in. */
  readonly state: FeedStatus['state'] | 'starting'
  readonly connections: number
  readonly symbolsLive: number
  readonly symbolsStale: readonly string[]
  readonly symbolsRejected: readonly { readonly symbol: string; readonly reason: string }[]
  /** By canonical symbol and quote, s. */
  readonly dataAgeS: Readonly<Record<string, number>>
  readonly messagesPerSecond: number
  /** May be negative. */
  readonly lagMs: number | null
  readonly clockOffsetMs: number | null
  readonly landedBytes: number
  /** Minutes that REST still has to answer for; null: not known yet. */
  readonly openMinutes: number | null
}

export interface WorkerShown {
  readonly worker: number | null
  readonly pid: number | null
  readonly phase: WorkerView['phase']
  readonly attempts: number
  /** `kraken candles`. */
  readonly feeds: readonly string[]
  readonly residentBytes: number | null
  readonly loopDelayP99Ms: number | null
  readonly pendingBytes: number
}

export interface LandingShown {
  /** Seconds since the last line was synced, of the writer that waits longest; null: nothing was landed yet. */
  readonly sinceSyncS: number | null
  /** In memory, not yet synced. */
  readonly pendingBytes: number
  readonly freeBytes: number | null
  /** Kinds of feeds that a full disk holds back. */
  readonly paused: readonly string[]
}

/** What is synced and not yet in bronze. */
export interface LoadBacklog {
  readonly parts: number
  readonly bytes: number
  /** How long the oldest synced bytes wait, ms. */
  readonly ageMs: number
  /** Why nothing goes through now. */
  readonly trouble: string | undefined
  /** Rows brought since the start. */
  readonly rows: number
  readonly badLines: number
  /** Parts that cannot be loaded, tried again every minute. */
  readonly failing: number
}

/** What the status of one exchange is made of. */
export interface ExchangeParts {
  readonly exchange: string
  readonly feeds: readonly FeedStatus[]
  readonly totals: FeedTotals | undefined
  readonly messagesPerSecond: number
  readonly landedBytes: number
  readonly openMinutes: number | undefined
}

/** From bad to good: what one line shows of several feeds is the worst. */
const STATES = ['failed', 'stopped', 'paused', 'waiting', 'connecting', 'subscribing', 'live'] as const

/** Sums up the feeds of an exchange. */
export function exchangeStatus(parts: ExchangeParts): ExchangeStatus {
  const { feeds, totals } = parts
  const sum = (count: (feed: FeedStatus) => number) => feeds.reduce((all, feed) => all + count(feed), 0)
  const lags = feeds.flatMap(({ lagMs }) => lagMs ?? [])
  return {
    exchange: parts.exchange,
    state: STATES.find((state) => feeds.some((feed) => feed.state === state)) ?? 'starting',
    connections: sum(({ connections }) => connections),
    symbolsLive: sum(({ symbolsLive }) => symbolsLive),
    symbolsStale: feeds.flatMap(({ symbolsStale }) => symbolsStale),
    symbolsRejected: feeds.flatMap(({ symbolsRejected }) => symbolsRejected),
    dataAgeS: oldestOf(feeds),
    frames: totals?.frames ?? 0,
    bytes: totals?.bytes ?? 0,
    records: totals?.records ?? 0,
    deadLetters: totals?.deadLetters ?? 0,
    reconnectsByCause: totals?.reconnectsByCause ?? {},
    messagesPerSecond: parts.messagesPerSecond,
    lagMs: lags.length > 0 ? Math.max(...lags) : null,
    clockOffsetMs: feeds.find(({ clockOffsetMs }) => clockOffsetMs !== undefined)?.clockOffsetMs ?? null,
    landedBytes: parts.landedBytes,
    openMinutes: parts.openMinutes ?? null,
  }
}

/** Where candles and ticks of a symbol are collected, the older age: neither hides that the other is silent. */
function oldestOf(feeds: readonly FeedStatus[]): Record<string, number> {
  const ages: Record<string, number> = {}
  for (const [symbol, age] of feeds.flatMap(({ dataAgeS }) => Object.entries(dataAgeS))) {
    ages[symbol] = Math.max(ages[symbol] ?? age, age)
  }
  return ages
}

/** What is shown of a worker. */
export function workerShown({ worker, pid, phase, attempts, feeds, status }: WorkerView): WorkerShown {
  return {
    worker: worker ?? null,
    pid: pid ?? null,
    phase,
    attempts,
    feeds: feeds.map(({ exchange, kind }) => `${exchange} ${kind}`),
    residentBytes: status?.residentBytes ?? null,
    loopDelayP99Ms: status?.loopDelayP99Ms ?? null,
    pendingBytes: status?.pendingBytes ?? 0,
  }
}
