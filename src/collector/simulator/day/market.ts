import type { Instrument } from '../../../base/index.ts'
import { type Random, randomOf } from '../random.ts'

/** Which market to make: the same seed and day give the same market, candle by candle. */
export interface MarketOptions {
  readonly seed: number
  /** Midnight UTC, ms since the epoch. */
  readonly dayStartMs: number
}

/** An instrument of the simulated market and how it trades. */
export interface SimulatedInstrument extends Instrument {
  /** Digits after the point of its prices. */
  readonly priceDigits: number
  /** Price at midnight, in quote. */
  readonly startPrice: number
  /** Trades per minute on an average day. */
  readonly tradesPerMinute: number
}

/** A minute as it really was, whoever heard of it. Numbers are the exchange's decimal texts. */
export interface TrueCandle {
  readonly instrument: SimulatedInstrument
  readonly startMs: number
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
  /** Binance reports the traded value, Kraken the average price; the other one is undefined. */
  readonly quoteVolume: string | undefined
  readonly vwap: string | undefined
  readonly tradeCount: number
}

/** Minutes of the simulated day. */
const DAY_MINUTES = 1440
const MINUTE_MS = 60_000
/** A step of the walk per minute: 0.04 %, about 1.5 % a day. */
const VOLATILITY = 0.0004
const TRADE_QUOTE = 350
const VOLUME_DIGITS = 8
/** No trade is smaller, in quote: tiny ones would drown in the digits of volume. */
const MIN_TRADE_QUOTE = 5
/** The edges of the day, so that silence has two ends, and the minutes around the one that stays unfinished. */
const ALWAYS_TRADED = new Set([0, 134, 135, DAY_MINUTES - 1])
/** Prices inside a minute are drawn for at most this many of its trades. */
const MAX_DRAWS = 24

const coins: readonly (readonly [base: string, price: number, kraken: Venue, binance: Venue])[] = [
  ['BTC', 64_250, [40, 1], [11, 2]],
  ['ETH', 3_120, [24, 2], [6, 2]],
  ['SOL', 146, [12, 2], [4, 2]],
  ['LINK', 14.3, [1.6, 3], [0.9, 3]],
  ['DOT', 6.9, [1.1, 4], [0.6, 3]],
  ['PEPE', 0.0000084, [2, 9], [1.2, 8]],
]
type Venue = readonly [tradesPerMinute: number, priceDigits: number]

/** Six coins on Kraken and Binance US, named as in project.yml. */
export const simulatedInstruments: readonly SimulatedInstrument[] = coins.flatMap(
  ([base, startPrice, kraken, binance]) => [
    anInstrument({
      exchange: 'kraken',
      base,
      quote: 'USD',
      native: `${base}/USD`,
      startPrice,
      venue: kraken,
    }),
    anInstrument({
      exchange: 'binance_us',
      base,
      quote: 'USDT',
      native: `${base}USDT`,
      startPrice,
      venue: binance,
    }),
  ],
)

/** Every minute of the day for every instrument, in order of instrument and time; quiet minutes are flat. */
export function truthOf(options: MarketOptions): TrueCandle[] {
  return simulatedInstruments.flatMap((instrument) => candlesOf(instrument, options))
}

/** One instrument's day, in order of time. */
export function candlesOf(instrument: SimulatedInstrument, options: MarketOptions): TrueCandle[] {
  const fair = walkOf(instrument, options.seed)
  const random = randomOf(options.seed, `${instrument.exchange} ${instrument.nativeSymbol}`)
  const candles: TrueCandle[] = []
  let close = round(instrument.startPrice, instrument)
  for (let minute = 0; minute < DAY_MINUTES; minute++) {
    const drawn = random.poisson(instrument.tradesPerMinute * busyness(minute))
    const count = Math.max(ALWAYS_TRADED.has(minute) ? 1 : 0, drawn)
    const startMs = options.dayStartMs + minute * MINUTE_MS
    const price = fair[minute] ?? instrument.startPrice
    const candle =
      count === 0
        ? quietCandle(instrument, startMs, close)
        : tradedCandle({ instrument, startMs, price, count, random })
    close = candle.close
    candles.push(candle)
  }
  return candles
}

/** Whether nothing traded in it. */
export function isQuiet({ tradeCount }: TrueCandle): boolean {
  return tradeCount === 0
}

/** The same candle while only its first trade was known. */
export function firstTradeOf(candle: TrueCandle): TrueCandle {
  if (candle.tradeCount < 2) return candle
  const volume = (Number(candle.volume) / candle.tradeCount).toFixed(VOLUME_DIGITS)
  const { open } = candle
  return {
    ...candle,
    high: open,
    low: open,
    close: open,
    volume,
    quoteVolume: candle.quoteVolume && (Number(volume) * Number(open)).toFixed(VOLUME_DIGITS),
    vwap: candle.vwap && open,
    tradeCount: 1,
  }
}

/** The coin's fair price by minute: one walk, whatever the exchange, so that exchanges agree roughly. */
function walkOf({ symbol, startPrice }: SimulatedInstrument, seed: number): number[] {
  const random = randomOf(seed, symbol)
  let price = startPrice
  return Array.from({ length: DAY_MINUTES }, () => {
    price *= Math.exp(VOLATILITY * random.normal())
    return price
  })
}

/** Busiest at 15:00 UTC, quietest at 03:00: 0.4 to 1.6. */
function busyness(minute: number): number {
  return 1 + 0.6 * Math.sin(((minute / 60 - 9) / 12) * Math.PI)
}

function quietCandle(instrument: SimulatedInstrument, startMs: number, close: string): TrueCandle {
  const isKraken = instrument.exchange === 'kraken'
  return {
    instrument,
    startMs,
    open: close,
    high: close,
    low: close,
    close,
    volume: (0).toFixed(VOLUME_DIGITS),
    quoteVolume: isKraken ? undefined : (0).toFixed(VOLUME_DIGITS),
    vwap: isKraken ? '0.0' : undefined,
    tradeCount: 0,
  }
}

interface Trading {
  readonly instrument: SimulatedInstrument
  readonly startMs: number
  readonly price: number
  readonly count: number
  readonly random: Random
}

function tradedCandle({ instrument, startMs, price, count, random }: Trading): TrueCandle {
  const prices = Array.from({ length: Math.min(count, MAX_DRAWS) }, () =>
    Number(round(price * (1 + (VOLATILITY / 2) * random.normal()), instrument)),
  )
  const tradesPerDraw = count / prices.length
  const sizes = prices.map(
    () => ((MIN_TRADE_QUOTE - Math.log(1 - random.next()) * TRADE_QUOTE) * tradesPerDraw) / price,
  )
  const volume = sum(sizes).toFixed(VOLUME_DIGITS)
  const value = sum(prices.map((each, i) => each * (sizes[i] ?? 0)))
  const low = Math.min(...prices)
  const high = Math.max(...prices)
  const vwap = Math.min(high, Math.max(low, value / sum(sizes)))
  const isKraken = instrument.exchange === 'kraken'
  return {
    instrument,
    startMs,
    open: round(prices[0] ?? price, instrument),
    high: round(high, instrument),
    low: round(low, instrument),
    close: round(prices.at(-1) ?? price, instrument),
    volume,
    quoteVolume: isKraken ? undefined : (vwap * Number(volume)).toFixed(VOLUME_DIGITS + 4),
    vwap: isKraken ? vwap.toFixed(instrument.priceDigits + 3) : undefined,
    tradeCount: count,
  }
}

function round(price: number, { priceDigits }: SimulatedInstrument): string {
  return price.toFixed(priceDigits)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function anInstrument({
  exchange,
  base,
  quote,
  native,
  startPrice,
  venue: [tradesPerMinute, priceDigits],
}: {
  exchange: string
  base: string
  quote: string
  native: string
  startPrice: number
  venue: Venue
}): SimulatedInstrument {
  return {
    exchange,
    nativeSymbol: native,
    symbol: `${base}-USD`,
    quoteAsset: quote,
    multiplier: 1,
    marketType: 'spot',
    listedFromMs: undefined,
    listedToMs: undefined,
    renamedFrom: undefined,
    aliases: [],
    priceDigits,
    startPrice,
    tradesPerMinute,
  }
}
