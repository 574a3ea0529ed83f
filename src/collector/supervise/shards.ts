/** All that is collected through one exchange in one way, and how much work it is. */
export interface FeedLoad {
  readonly exchange: string
  readonly kind: 'candles' | 'ticks'
  /** Native symbols of candles, unified ones of ticks; undefined: known to the exchange alone. */
  readonly symbols: readonly string[] | undefined
  readonly score: number
}

/** What one worker takes of a load. */
export interface Shard {
  readonly exchange: string
  readonly kind: 'candles' | 'ticks'
  /** Undefined: all of the exchange. */
  readonly symbols: readonly string[] | undefined
  readonly score: number
}

/** A worker's shards; of one kind, for CCXT has workers of its own. */
export interface WorkerShards {
  /** From 1. */
  readonly worker: number
  readonly feeds: readonly Shard[]
  readonly score: number
}

export interface ShardInput {
  readonly loads: readonly FeedLoad[]
  /** Most workers; undefined: as many as cores and exchanges call for, up to 8. */
  readonly workers: number | undefined
  readonly cores: number
}

const MOST_WORKERS = 8
/** A load above it is more than one process should carry: about a tenth of what one can. */
const MOST_SCORE = 4_000_000

/**
 * Spreads loads over workers: the heaviest first, each to the worker with the least so far, ties to the lowest
 * number. Workers without anything to do are left out.
 */
export function planShards({ loads, workers, cores }: ShardInput): WorkerShards[] {
  const exchanges = new Set(loads.map(({ exchange }) => exchange)).size
  const most = workers ?? Math.max(1, Math.min(MOST_WORKERS, cores, exchanges))
  const shards = loads.flatMap(cutToSize)
  const candles = shards.filter(({ kind }) => kind === 'candles')
  const ticks = shards.filter(({ kind }) => kind === 'ticks')
  const forTicks = tickWorkers(candles, ticks, most)
  const bins = [...spread(candles, Math.max(1, most - forTicks)), ...spread(ticks, forTicks)]
  return bins.map((feeds, i) => ({ worker: i + 1, feeds, score: totalOf(feeds) }))
}

/**
 * Two halves of a worker's shards, to find which of them brings it down; undefined: the culprit is alone.
 *
 * @param symbolsOf all symbols of a shard that has those of its whole exchange, as far as they are known
 */
export function halve(
  feeds: readonly Shard[],
  symbolsOf: (shard: Shard) => readonly string[] | undefined,
): readonly [readonly Shard[], readonly Shard[]] | undefined {
  const [only] = feeds
  if (only === undefined) return undefined
  const parts = feeds.length > 1 ? feeds : cut({ ...only, symbols: only.symbols ?? symbolsOf(only) }, 2)
  const [first, second] = spread(parts, 2)
  return first && second && [first, second]
}

/** How many workers CCXT gets: its share of the whole score, at least one where there is anything of each. */
function tickWorkers(candles: readonly Shard[], ticks: readonly Shard[], most: number): number {
  if (ticks.length === 0) return 0
  if (candles.length === 0) return most
  const share = totalOf(ticks) / (totalOf(candles) + totalOf(ticks))
  return Math.min(Math.max(1, Math.round(most * share)), Math.max(1, most - 1))
}

function cutToSize(load: FeedLoad): Shard[] {
  const { exchange, kind, score } = load
  if (score <= MOST_SCORE) return [{ exchange, kind, symbols: undefined, score }]
  const pieces = cut(load, Math.ceil(score / MOST_SCORE))
  return pieces.length > 1 ? pieces : [{ exchange, kind, symbols: undefined, score }]
}

/** Pieces of a shard with about as many symbols each; itself where its symbols are not known or there is one. */
function cut({ exchange, kind, symbols, score }: Shard, pieces: number): Shard[] {
  const count = Math.min(pieces, symbols?.length ?? 1)
  if (symbols === undefined || count < 2) return [{ exchange, kind, symbols, score }]
  return Array.from({ length: count }, (_, i) => {
    const some = symbols.filter((_, at) => at % count === i)
    return { exchange, kind, symbols: some, score: (score * some.length) / symbols.length }
  })
}

/** Greedy longest processing time. */
function spread(shards: readonly Shard[], bins: number): Shard[][] {
  const spreadOut = Array.from({ length: bins }, (): { feeds: Shard[]; score: number } => ({
    feeds: [],
    score: 0,
  }))
  for (const shard of [...shards].sort((a, b) => b.score - a.score)) {
    const [first, ...others] = spreadOut
    if (first === undefined) return []
    const least = others.reduce((best, bin) => (bin.score < best.score ? bin : best), first)
    least.feeds.push(shard)
    least.score += shard.score
  }
  return spreadOut.flatMap(({ feeds }) => (feeds.length > 0 ? [feeds] : []))
}

function totalOf(feeds: readonly Shard[]): number {
  return feeds.reduce((sum, { score }) => sum + score, 0)
}
