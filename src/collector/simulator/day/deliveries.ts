import { type SettledRow, type Settling, settleRow } from '../../finality/index.ts'
import { type Random, randomOf } from '../random.ts'
import {
  candlesOf,
  firstTradeOf,
  isQuiet,
  type MarketOptions,
  type SimulatedInstrument,
  simulatedInstruments,
  type TrueCandle,
} from './market.ts'

/** One candle as it was landed. */
export interface LandedCandle {
  readonly candle: TrueCandle
  readonly isFinal: boolean
  readonly proof: 'sent' | 'silence' | null
}

/** One message and what it gave to land. */
export interface Frame {
  /** `kraken-ws-1`: a connection, or a series of requests. */
  readonly feedId: string
  readonly source: 'ws' | 'rest'
  /** ms since the epoch. */
  readonly receivedMs: number
  readonly landed: readonly LandedCandle[]
}

/** A stretch of the day that one feed did not hear, in minutes since midnight; halves of a minute count. */
export interface Outage {
  readonly exchange: string
  /** Undefined: every instrument of the exchange. */
  readonly symbol: string | undefined
  readonly fromMinute: number
  readonly toMinute: number
}

/**
 * What goes wrong in the simulated day. `repaired` is asked for over REST at once, so it comes with the first
 * files; `late` is asked for the next morning.
 */
export const outages = {
  /** Kraken hangs up in the middle of 06:21 and is back in 06:24. */
  repaired: { exchange: 'kraken', symbol: undefined, fromMinute: 381.4, toMinute: 384 },
  /** One frame with the end of Kraken's DOT 02:14 cannot be read: the minute stays unfinished. */
  unfinished: { exchange: 'kraken', symbol: 'DOT-USD', fromMinute: 134.5, toMinute: 135 },
  /** Binance US sends no SOL from 13:07 to 13:19. */
  gap: { exchange: 'binance_us', symbol: 'SOL-USD', fromMinute: 787, toMinute: 799 },
} as const satisfies Readonly<Record<string, Outage>>

/** Two connections to Kraken overlap from 09:00 to 10:00: both are landed. */
const OVERLAP = { fromMinute: 540, toMinute: 600 }
const MINUTE_MS = 60_000
/** Share of minutes of which an unfinished candle is landed too. */
const UPDATES = 0.15

/** What the collector landed on the day itself, in order of reception. */
export function firstFrames(options: MarketOptions): Frame[] {
  return inOrder([
    ...simulatedInstruments.flatMap((instrument) => socketFrames(instrument, options)),
    ...restFrames(outages.repaired, options, { fromMinute: 360, toMinute: 420, askedMinute: 421 }),
  ])
}

/** What it landed the next morning: REST's answers for what was still missing or unfinished. */
export function lateFrames(options: MarketOptions): Frame[] {
  return inOrder([
    ...restFrames(outages.unfinished, options, { fromMinute: 120, toMinute: 180, askedMinute: 1920 }),
    ...restFrames(outages.gap, options, { fromMinute: 780, toMinute: 810, askedMinute: 1921 }),
  ])
}

function inOrder(frames: readonly Frame[]): Frame[] {
  return [...frames].sort((a, b) => a.receivedMs - b.receivedMs)
}

function socketFrames(instrument: SimulatedInstrument, options: MarketOptions): Frame[] {
  const candles = candlesOf(instrument, options)
  if (instrument.exchange !== 'kraken') return binanceFrames(candles, options)
  const overlap = candles.slice(OVERLAP.fromMinute, OVERLAP.toMinute)
  return [...krakenFrames(candles, options, 'kraken-ws-1'), ...krakenFrames(overlap, options, 'kraken-ws-2')]
}

/** Binance says itself when a minute is final, and sends quiet minutes too. */
function binanceFrames(candles: readonly TrueCandle[], options: MarketOptions): Frame[] {
  const feedId = 'binance_us-ws-1'
  const random = deliveryRandom(candles, options, feedId)
  return candles.flatMap((candle) => {
    const { earlyMs, endMs, isShown } = arrivalOf(random)
    if (outageAt(candle, options) !== undefined) return []
    const update = frameOf(feedId, candle.startMs + earlyMs, [unfinished(firstTradeOf(candle))])
    const last = frameOf(feedId, candle.startMs + MINUTE_MS + endMs, [final(candle)])
    return isShown && !isQuiet(candle) ? [update, last] : [last]
  })
}

/** Kraken sends traded minutes only, and the next one closes the one before: see finality. */
function krakenFrames(candles: readonly TrueCandle[], options: MarketOptions, feedId: string): Frame[] {
  const random = deliveryRandom(candles, options, feedId)
  const frames: Frame[] = []
  let settling: Settling<KrakenRow> | undefined
  for (const candle of candles) {
    const { earlyMs, isShown } = arrivalOf(random)
    const outage = outageAt(candle, options)
    const isHeard = outage === undefined || isCutShort(candle, outage, options)
    if (isHeard && !isQuiet(candle)) {
      const settled = settleRow(settling, rowOf(candle), rules)
      const closed = settled.landed.filter(({ isFinal }) => isFinal).map(landedOf)
      const update = isShown || outage !== undefined ? [unfinished(firstTradeOf(candle))] : []
      settling = settled.settling
      frames.push(frameOf(feedId, candle.startMs + earlyMs, [...closed, ...update]))
    }
    if (outage !== undefined) settling = undefined
  }
  const [last] = settling === undefined ? [] : [settling.last]
  // The first trade of the next minute, after midnight say, closes the last one.
  if (last)
    frames.push(
      frameOf(feedId, last.startMs + 2 * MINUTE_MS, [landedOf({ row: last, isFinal: true, proof: 'sent' })]),
    )
  return frames
}

interface RestRange {
  readonly fromMinute: number
  readonly toMinute: number
  /** When it was asked for, in minutes since midnight. */
  readonly askedMinute: number
}

/** REST gives every minute, quiet ones flat. */
function restFrames(outage: Outage, options: MarketOptions, range: RestRange): Frame[] {
  const instruments = simulatedInstruments.filter(
    ({ exchange, symbol }) =>
      exchange === outage.exchange && (outage.symbol === undefined || symbol === outage.symbol),
  )
  return instruments.map((instrument, i) => ({
    feedId: `${outage.exchange}-rest-1`,
    source: 'rest',
    receivedMs: options.dayStartMs + range.askedMinute * MINUTE_MS + i * 250,
    landed: candlesOf(instrument, options).slice(range.fromMinute, range.toMinute).map(final),
  }))
}

function outageAt({ instrument, startMs }: TrueCandle, options: MarketOptions): Outage | undefined {
  const minute = (startMs - options.dayStartMs) / MINUTE_MS
  return Object.values<Outage>(outages).find(
    ({ exchange, symbol, fromMinute, toMinute }) =>
      exchange === instrument.exchange &&
      (symbol === undefined || symbol === instrument.symbol) &&
      minute >= Math.floor(fromMinute) &&
      minute < toMinute,
  )
}

/** Whether the outage began inside this minute, so that its start was heard. */
function isCutShort({ startMs }: TrueCandle, { fromMinute }: Outage, options: MarketOptions): boolean {
  return startMs === options.dayStartMs + Math.floor(fromMinute) * MINUTE_MS && fromMinute % 1 > 0
}

interface KrakenRow {
  readonly candle: TrueCandle
  readonly startMs: number
  readonly intervalMs: number
  readonly close: number
  readonly isFinal: boolean
}

const rules = {
  doesNextClose: true,
  doesSilenceProve: true,
  flat: ({ candle }: KrakenRow, startMs: number) => rowOf(flatAfter(candle, startMs)),
}

function rowOf(candle: TrueCandle): KrakenRow {
  return {
    candle,
    startMs: candle.startMs,
    intervalMs: MINUTE_MS,
    close: Number(candle.close),
    isFinal: false,
  }
}

function flatAfter(candle: TrueCandle, startMs: number): TrueCandle {
  const { instrument, close } = candle
  const volume = (0).toFixed(8)
  const flat = { instrument, startMs, open: close, high: close, low: close, close, volume }
  return { ...flat, quoteVolume: undefined, vwap: undefined, tradeCount: 0 }
}

function landedOf({ row, isFinal, proof }: SettledRow<KrakenRow>): LandedCandle {
  return { candle: row.candle, isFinal, proof }
}

function final(candle: TrueCandle): LandedCandle {
  return { candle, isFinal: true, proof: 'sent' }
}

function unfinished(candle: TrueCandle): LandedCandle {
  return { candle, isFinal: false, proof: null }
}

function frameOf(feedId: string, receivedMs: number, landed: readonly LandedCandle[]): Frame {
  return { feedId, source: 'ws', receivedMs, landed }
}

function deliveryRandom(candles: readonly TrueCandle[], { seed }: MarketOptions, feedId: string): Random {
  return randomOf(seed, `${feedId} ${candles[0]?.instrument.nativeSymbol}`)
}

/** How far into the minute its first message comes, how far after it the last, and whether an update is landed. */
function arrivalOf(random: Random): { earlyMs: number; endMs: number; isShown: boolean } {
  return {
    earlyMs: 2_000 + Math.floor(random.next() * 25_000),
    endMs: 40 + Math.floor(random.next() * 400),
    isShown: random.next() < UPDATES,
  }
}
