import { mapperOf } from '../../collector/exchange/index.ts'
import type { FeedPlan } from '../../collector/feed/feed.ts'
import type { Shard } from '../../collector/supervise/shards.ts'
import { count, plural, table } from '../shared/format.ts'
import type { CollectRequest } from './request.ts'

/** One feed of a plan, as numbers. */
export interface PlannedFeed {
  readonly worker: number
  readonly exchange: string
  readonly kind: 'candles' | 'ticks'
  /** Null: what CCXT will find. */
  readonly symbols: number | null
  readonly connections: number | null
  /** Frames that subscribe. */
  readonly subscriptions: number | null
  readonly address: string
  readonly score: number
}

/** What `kx collect` would do, worker by worker. */
export function plannedFeeds({ workers, feeds }: Pick<CollectRequest, 'workers' | 'feeds'>): PlannedFeed[] {
  return workers.flatMap(({ worker, feeds: shards }) =>
    shards.flatMap((shard) => {
      const feed = feeds.find(({ exchange, kind }) => exchange === shard.exchange && kind === shard.kind)
      return feed === undefined ? [] : [plannedFeed(worker, shard, feed)]
    }),
  )
}

/** The plan as a table, with what it adds up to. */
export function planLines(planned: readonly PlannedFeed[]): string[] {
  const shown = (value: number | null) => (value === null ? '?' : count(value))
  const rows = planned.map((feed) => [
    String(feed.worker),
    feed.exchange,
    feed.kind,
    shown(feed.symbols),
    shown(feed.connections),
    shown(feed.subscriptions),
    count(feed.score),
    feed.address,
  ])
  const header = ['worker', 'exchange', 'kind', 'symbols', 'connections', 'subscriptions', 'score', 'address']
  const sum = (value: (feed: PlannedFeed) => number | null) =>
    planned.reduce((all, feed) => all + (value(feed) ?? 0), 0)
  const workers = new Set(planned.map(({ worker }) => worker)).size
  return [
    ...table([header, ...rows], [0, 3, 4, 5, 6]),
    `${plural(workers, 'worker')}, ${plural(
      sum(({ connections }) => connections),
      'connection',
    )}, ${plural(
      sum(({ symbols }) => symbols),
      'symbol',
    )}${planned.some(({ symbols }) => symbols === null) ? ', and what CCXT finds' : ''}`,
  ]
}

function plannedFeed(worker: number, shard: Shard, feed: FeedPlan): PlannedFeed {
  const { exchange, kind, score } = shard
  const names = shard.symbols ?? (kind === 'candles' ? feed.instruments.map((one) => one.nativeSymbol) : null)
  const mapper = kind === 'candles' ? mapperOf(exchange) : undefined
  if (!mapper || !names) {
    const address = feed.settings.wsUrl ?? `ccxt ${feed.settings.ticks?.ccxtId ?? exchange}`
    return {
      ...{ worker, exchange, kind, score, address },
      symbols: names?.length ?? null,
      connections: null,
      subscriptions: null,
    }
  }
  return {
    ...{ worker, exchange, kind, score },
    symbols: names.length,
    connections: Math.ceil(names.length / mapper.limits.symbolsPerConnection),
    subscriptions: mapper.subscribe(names, 1).length,
    address: mapper.connectUrl(feed.settings.wsUrl ?? mapper.wsUrl),
  }
}
