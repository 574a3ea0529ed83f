import type { FeedPlan } from '../feed/feed.ts'
import { parseSymbolPatterns } from '../instruments/symbol-patterns.ts'
import { expectedScore, type FeedRates, scoreOf } from '../supervise/score.ts'
import type { FeedLoad, Shard } from '../supervise/shards.ts'

/** How much work each feed is: as measured before, else by its symbols. */
export function feedLoads(
  feeds: readonly FeedPlan[],
  ratesOf: (exchange: string, kind: FeedPlan['kind']) => FeedRates | undefined,
): FeedLoad[] {
  return feeds.map((feed) => {
    const { exchange, kind } = feed
    const symbols = symbolsOf(feed)
    const rates = ratesOf(exchange, kind)
    const score = rates
      ? scoreOf(rates)
      : expectedScore(kind, symbols?.length ?? feed.settings.ticks?.maxSymbols)
    return { exchange, kind, symbols, score }
  })
}

/** Symbols that a feed can be cut by: native ones of candles, unified ones of ticks; undefined: not known here. */
export function symbolsOf({ kind, instruments, settings }: FeedPlan): readonly string[] | undefined {
  if (kind === 'candles') return instruments.map(({ nativeSymbol }) => nativeSymbol)
  const terms = parseSymbolPatterns(settings.ticks?.symbols)?.terms.map(({ text }) => text)
  return terms?.every((text) => /^[^%_]+\/[^%_]+$/.test(text)) ? terms : undefined
}

/** The feed that a shard is cut from. */
export function feedOf(feeds: readonly FeedPlan[], shard: Shard): FeedPlan {
  const feed = feeds.find(({ exchange, kind }) => exchange === shard.exchange && kind === shard.kind)
  if (feed === undefined) throw new Error(`no feed of ${shard.kind} of ${shard.exchange}`)
  return feed
}

/** What the worker of a shard collects. */
export function planOf(feeds: readonly FeedPlan[], shard: Shard): FeedPlan {
  const feed = feedOf(feeds, shard)
  if (shard.symbols === undefined) return feed
  const own = new Set(shard.symbols)
  if (shard.kind === 'ticks') return { ...feed, tickSymbols: shard.symbols }
  return { ...feed, instruments: feed.instruments.filter(({ nativeSymbol }) => own.has(nativeSymbol)) }
}
