import type { Candle, Tick } from '../formats/index.ts'
import { instrumentOf, type ResolvedInstrument } from '../instruments/resolve.ts'
import type { SharedFields } from './candle-encoder.ts'
import type { LoadLane } from './lane.ts'
import type { OpenLoad } from './load-ledger.ts'

/** Finds the instrument of a candle and what its rows share; asks again only when either changes. */
export function candleNames(
  lane: LoadLane,
  { instrument: ofFile, landingFile }: { instrument: ResolvedInstrument | undefined; landingFile: string },
) {
  let last:
    | { readonly load: OpenLoad; readonly instrument: ResolvedInstrument; readonly shared: SharedFields }
    | undefined
  return (candle: Candle) => {
    const load = lane.chunk.current()
    if (last && last.load === load && isSame(candle, last.shared)) return last
    const instrument = ofFile ?? instrumentOfCandle(lane, candle)
    noteUnlisted(lane, instrument)
    const shared = {
      exchange: candle.exchange ?? instrument.exchange,
      nativeSymbol: candle.nativeSymbol ?? instrument.nativeSymbol,
      symbol: instrument.symbol,
      quoteAsset: instrument.quoteAsset,
      intervalMs: candle.intervalMs,
      source: candle.source,
      feedId: candle.feedId,
      loadedAtUs: load.loadedAtUs,
      loadId: load.loadId,
      landingFile,
    }
    last = { load, instrument, shared }
    return last
  }
}

function isSame(candle: Candle, shared: SharedFields): boolean {
  return (
    candle.intervalMs === shared.intervalMs &&
    candle.feedId === shared.feedId &&
    candle.source === shared.source &&
    (candle.nativeSymbol === undefined || candle.nativeSymbol === shared.nativeSymbol) &&
    (candle.exchange === undefined || candle.exchange === shared.exchange)
  )
}

function instrumentOfCandle(
  lane: LoadLane,
  { exchange = '', nativeSymbol = '', symbol, quoteAsset }: Candle,
): ResolvedInstrument {
  return instrumentOf(lane.index, exchange, nativeSymbol, { symbol, quote: quoteAsset })
}

/** Names kept of one file: more than any exchange lists, fewer than garbage could make up. */
const MOST_NAMES = 20_000

/** Gives a tick its canonical names and its instrument's scale; thousands of pairs take turns in one file. */
export function tickNames(lane: LoadLane): (tick: Tick) => void {
  const known = new Map<string, KnownName>()
  function resolve({ exchange, nativeSymbol, symbol, quoteAsset }: Tick): KnownName {
    const instrument = instrumentOf(lane.index, exchange, nativeSymbol, { symbol, quote: quoteAsset })
    noteUnlisted(lane, instrument)
    if (known.size >= MOST_NAMES) known.clear()
    const name = { exchange, symbol, instrument }
    known.set(nativeSymbol, name)
    return name
  }
  return (tick) => {
    const before = known.get(tick.nativeSymbol)
    const isKnown = before?.exchange === tick.exchange && before.symbol === tick.symbol
    const { instrument } = isKnown ? before : resolve(tick)
    tick.symbol = instrument.symbol
    tick.quoteAsset = instrument.quoteAsset
    if (instrument.multiplier !== 1) scale(tick, instrument.multiplier)
  }
}

interface KnownName {
  readonly exchange: string
  /** As the tick said it. */
  readonly symbol: string | undefined
  readonly instrument: ResolvedInstrument
}

/** An instrument that counts 1,000 coins as one: price ÷ 1,000, volume × 1,000. */
function scale(tick: Tick, multiplier: number): void {
  tick.price /= multiplier
  tick.bid /= multiplier
  tick.ask /= multiplier
  tick.last /= multiplier
  tick.open /= multiplier
  tick.high /= multiplier
  tick.low /= multiplier
  tick.baseVolume *= multiplier
}

/** Registering one again does no harm: a list without end would. */
const MOST_UNLISTED = 100_000

function noteUnlisted({ unlisted }: LoadLane, instrument: ResolvedInstrument): void {
  if (instrument.isListed) return
  const key = `${instrument.exchange} ${instrument.nativeSymbol}`
  if (unlisted.has(key)) return
  if (unlisted.size >= MOST_UNLISTED) unlisted.clear()
  unlisted.set(key, { instrument, isRegistered: false })
}
