import { tickLine } from '../delivery/lines.ts'
import type { FeedContext, FeedPlan, FeedStatus } from '../feed/feed.ts'
import { indexInstruments, instrumentOf } from '../instruments/resolve.ts'
import type { CcxtMarket, CcxtTicker } from './ccxt-types.ts'
import type { ReceptionTime } from './reception-times.ts'
import { namesOf, tickRowOf } from './tick-row.ts'

/** One frame of one connection. */
export interface TickFrame {
  readonly feedId: string
  readonly sequence: number
  readonly at: ReceptionTime
}

/** Turns tickers into lines, and keeps count of them. */
export interface TickLog {
  /** Lands the tickers of a frame, a row each. Those of markets that were not chosen are passed over. */
  take(frame: TickFrame, tickers: readonly CcxtTicker[]): void
  /** A frame came, whatever is in it. */
  countFrame(): void
  /** Ms of the monotonic clock since the last tick; undefined: none since `restart`. */
  silenceMs(): number | undefined
  restart(): void
  counts(): Pick<
    FeedStatus,
    'frames' | 'bytes' | 'records' | 'lagMs' | 'dataAgeS' | 'symbolsStale' | 'symbolsLive'
  >
}

/** A symbol that ticked and did not for this long is stale. */
const STALE_MS = 300_000

/** A log of the chosen markets. */
export function createTickLog(
  { clock, land }: Pick<FeedContext, 'clock' | 'land'>,
  { exchange, instruments, settings }: FeedPlan,
  chosen: ReadonlyMap<string, CcxtMarket>,
  isSampled: boolean,
): TickLog {
  const index = indexInstruments(instruments)
  const namesBySymbol = new Map<string, { symbol: string; quoteAsset: string }>()
  const seenMs = new Map<string, number>()
  let frames = 0
  let bytes = 0
  let records = 0
  let lagMs: number | undefined
  let lastMs: number | undefined

  function instrumentFor(market: CcxtMarket) {
    const known = namesBySymbol.get(market.symbol)
    if (known) return known
    const own = namesOf(market)
    const hint = { symbol: own.symbol, quote: own.quoteAsset }
    const byId = instrumentOf(index, exchange, market.id, hint)
    const { symbol, quoteAsset } = byId.isListed ? byId : instrumentOf(index, exchange, market.symbol, hint)
    namesBySymbol.set(market.symbol, { symbol, quoteAsset })
    return { symbol, quoteAsset }
  }
  return {
    countFrame: () => void frames++,
    take({ feedId, sequence, at }, tickers) {
      const origin = { exchange, feedId, sequence, receivedAtMs: at.wallMs, monotonicNs: at.monotonicNs }
      const lines = []
      for (const ticker of tickers) {
        const market = chosen.get(ticker.symbol ?? '')
        const tick =
          market && tickRowOf(ticker, market, { isSampled, keepsRaw: settings.ticks?.keepsRaw ?? true })
        if (!market || !tick) continue
        const line = tickLine({ origin, row: lines.length, tick, instrument: instrumentFor(market) })
        lines.push(line)
        bytes += tick.raw.length
        seenMs.set(market.symbol, clock.monotonicMs())
        if (ticker.timestamp !== undefined) lagMs = at.wallMs - ticker.timestamp
      }
      if (lines.length === 0) return
      records += lines.length
      lastMs = clock.monotonicMs()
      land(lines)
    },
    silenceMs: () => (lastMs === undefined ? undefined : clock.monotonicMs() - lastMs),
    restart() {
      lastMs = undefined
    },
    counts() {
      const nowMs = clock.monotonicMs()
      const ages = [...seenMs].map(([symbol, ms]) => [symbol, (nowMs - ms) / 1000] as const)
      const stale = ages.filter(([, ageS]) => ageS * 1000 > STALE_MS).map(([symbol]) => symbol)
      return {
        frames,
        bytes,
        records,
        lagMs,
        dataAgeS: Object.fromEntries(ages),
        symbolsStale: stale,
        symbolsLive: ages.length - stale.length,
      }
    },
  }
}
