import { onTestFinished } from 'vitest'
import { type Clock, type Instrument, scaledClock } from '../base/index.ts'
import type { BrokerReport } from '../collector/broker/broker.ts'
import { mapperOf } from '../collector/exchange/index.ts'
import type { FeedLimits } from '../collector/exchange/mapper.ts'
import type { Feed, FeedContext } from '../collector/feed/feed.ts'
import { openFeed } from '../collector/feed/open-feed.ts'
import { aFeedExchange, type FeedExchange, type FeedExchangeBehaviour } from './a-feed-exchange.ts'

/** A line that was landed, read. */
export interface LandedLine {
  readonly folder: string
  readonly feed_id: string
  readonly sequence: number | null
  readonly row: number | null
  readonly channel: string
  readonly proof: 'sent' | 'silence' | null
  readonly fields: Readonly<Record<string, unknown>>
}

/** A running feed, and what it did. */
export interface AFeed {
  readonly feed: Feed
  /** Everything landed, in order. */
  readonly landed: LandedLine[]
  readonly logs: string[]
  readonly reports: BrokerReport[]
  /** Symbols it asked about, by REST. */
  readonly probes: string[]
  /** Changed by a test while the feed runs. */
  readonly world: { hasRoom: boolean; hadTrades: boolean | undefined; isAllHeld: boolean }
  /** Landed events, one line each: `disconnected lost`, `rejected DOGE/USD rejected`. */
  events(): string[]
  /** Waits until something is so; fails after 15 s of the machine's. */
  until(what: string, isSo: () => boolean): Promise<void>
}

/** A clock that runs `factor` times as fast as the machine's, and can be set. */
export function aFastClock(factor: number): Clock & { setBy(ms: number): void } {
  const realMs = Date.now()
  let skewMs = 0
  const clock = scaledClock(() => ({ factor, realMs, atMs: realMs, skewMs }))
  return {
    ...clock,
    setBy(ms) {
      skewMs += ms
    },
  }
}

/** Opens a feed of `exchange` for the running test. */
export function aFeed(options: {
  readonly exchange: FeedExchange
  readonly clock: Clock
  readonly of?: 'kraken' | 'binance_us'
  readonly limits?: Partial<FeedLimits>
  /** Default: those of the exchange. */
  readonly symbols?: readonly string[]
}): AFeed {
  const { exchange, clock, of = 'kraken', limits } = options
  const mapper = mapperOf(of)
  if (mapper === undefined) throw new Error(`no mapper of ${of}`)
  const landed: LandedLine[] = []
  const logs: string[] = []
  const reports: BrokerReport[] = []
  const probes: string[] = []
  const world: AFeed['world'] = { hasRoom: true, hadTrades: false, isAllHeld: true }
  let feeds = 0
  const context: FeedContext = {
    clock,
    broker: { grant: async () => {}, report: (report) => reports.push(report) },
    nextFeedId: (name) => `c1-b1-0-${name}-${feeds++}`,
    land(lines) {
      for (const { folder, text } of lines) landed.push({ ...(JSON.parse(text) as LandedLine), folder })
    },
    hasRoom: () => world.hasRoom,
    async hadTrades({ nativeSymbol }) {
      probes.push(nativeSymbol)
      const { hadTrades, isAllHeld } = world
      return hadTrades === undefined ? undefined : { hadTrades, isAllHeld }
    },
    log: (level, _cause, message) => logs.push(`${level} ${message}`),
  }
  const names = options.symbols ?? Object.keys(exchange.behaviour.symbols)
  const plan = {
    exchange: of,
    kind: 'candles' as const,
    instruments: names.map((name) => instrumentOf(of, name)),
    tickSymbols: undefined,
    settings: {
      exchange: of,
      wsUrl: exchange.wsUrl,
      restUrl: exchange.restUrl,
      hasCandles: true,
      ticks: undefined,
    },
  }
  const feed = openFeed(context, plan, {
    mapper: { ...mapper, limits: { ...mapper.limits, ...limits } },
    random: () => 0.5,
  })
  onTestFinished(() => feed.stop('collector'))
  return {
    feed,
    landed,
    logs,
    reports,
    probes,
    world,
    events: () => landed.filter(({ channel }) => channel === 'connection_events').map(eventText),
    async until(what, isSo) {
      for (const endMs = Date.now() + 15_000; !isSo(); ) {
        if (Date.now() > endMs) throw new Error(`never: ${what}`)
        await new Promise((resolve) => setTimeout(resolve, 3))
      }
    },
  }
}

/** Limits under which a test need not wait long, patient enough for a machine that is busy with other tests. */
export const QUICK_LIMITS: Partial<FeedLimits> = { silenceMs: 60_000, quietMs: 20_000 }

/** An exchange that speaks Kraken's WebSocket, and a feed of it on a clock that is `factor` times as fast. */
export async function aKrakenFeed(
  symbols: FeedExchangeBehaviour['symbols'],
  limits: Partial<FeedLimits> = {},
  factor = 25,
) {
  const clock = aFastClock(factor)
  const exchange = await aFeedExchange({ speaks: 'kraken', symbols, now: clock.now })
  const it = aFeed({ exchange, clock, limits: { ...QUICK_LIMITS, ...limits } })
  return {
    ...it,
    clock,
    exchange,
    isLive: () => it.feed.status().state === 'live',
    candles: () => it.landed.filter(({ channel }) => channel === 'ohlc'),
  }
}

function eventText({ fields }: LandedLine): string {
  const { event, cause, details } = fields
  const native = (details as { native_symbol?: string } | null)?.native_symbol
  return [event, native, cause].filter((part) => part !== undefined && part !== null).join(' ')
}

function instrumentOf(exchange: string, nativeSymbol: string): Instrument {
  const [base = '', quote = ''] = nativeSymbol.includes('/')
    ? nativeSymbol.split('/')
    : [nativeSymbol.slice(0, 3), nativeSymbol.slice(3)]
  return {
    exchange,
    nativeSymbol,
    symbol: `${base}-USD`,
    quoteAsset: quote,
    multiplier: 1,
    marketType: 'spot',
    listedFromMs: undefined,
    listedToMs: undefined,
    renamedFrom: undefined,
    aliases: [],
  }
}
