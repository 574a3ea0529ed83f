import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { simulatedInstruments, type TrueCandle } from '../day/market.ts'
import { candleOf } from './candle.ts'
import { decimalOf } from './decimal.ts'
import { openMarket } from './market.ts'

const MINUTE_MS = 60_000
const AT = Date.parse('2024-05-01T00:00:00Z')
const names = ['BTC', 'ETH', 'PEPE', 'REKT', 'KSM', 'USDC', 'NEWCOIN']
const instruments = names.flatMap((base) =>
  (['kraken', 'binance_us'] as const).map((exchange) => ({
    ...(simulatedInstruments[0] as (typeof simulatedInstruments)[0]),
    exchange,
    symbol: `${base}-USD`,
    nativeSymbol: exchange === 'kraken' ? `${base}/USD` : `${base}USDT`,
    quoteAsset: exchange === 'kraken' ? 'USD' : 'USDT',
  })),
)
const bare = instruments.map(({ priceDigits: _, startPrice: _p, tradesPerMinute: _t, ...one }) => one)
const marketOf = (seed: number) => openMarket({ seed, instruments: bare })
const market = marketOf(7)
const anyListing = fc.constantFrom(...market.listings)
const anyMinute = fc.integer({ min: -2_000_000, max: 1_000_000 }).map((minute) => AT + minute * MINUTE_MS)

const shown = ({ startMs, open, high, low, close, volume, quoteVolume, vwap, tradeCount }: TrueCandle) =>
  [startMs, open, high, low, close, volume, quoteVolume, vwap, tradeCount].join(' ')

test('a minute is the same whenever and in whatever order it is asked for', () => {
  fc.assert(
    fc.property(anyListing, anyMinute, (listing, startMs) => {
      const fresh = marketOf(7)
      const same = fresh.find(listing.exchange, listing.nativeSymbol) as typeof listing

      expect(shown(candleOf(fresh.minute(same, startMs)))).toBe(
        shown(candleOf(market.minute(listing, startMs))),
      )
    }),
    { numRuns: 60 },
  )
})

test('a range is its minutes, each once, with the close before it for those without trades', () => {
  fc.assert(
    fc.property(anyListing, anyMinute, fc.integer({ min: 1, max: 90 }), (listing, startMs, count) => {
      const range = market.truth(listing, startMs, startMs + count * MINUTE_MS)

      const single = Array.from({ length: count }, (_, i) =>
        candleOf(market.minute(listing, startMs + i * MINUTE_MS)),
      )
      expect(range.map(shown)).toEqual(single.map(shown))
      range.forEach((candle, i) => {
        if (candle.tradeCount === 0 && i > 0) expect(candle.open).toBe(range[i - 1]?.close)
      })
    }),
    { numRuns: 40 },
  )
})

test('trades add up to their candle exactly, and their ids go on without a hole', () => {
  fc.assert(
    fc.property(anyListing, anyMinute, (listing, startMs) => {
      const minute = market.minute(listing, startMs)
      const { open, high, low, close, volume, quoteVolume } = candleOf(minute)
      const price = (steps: number) => Number(decimalOf(steps, listing.priceDigits))
      const prices = Array.from(minute.prices, price)

      expect(market.minute(listing, startMs + MINUTE_MS).firstId).toBe(minute.firstId + minute.count)
      if (minute.count === 0) {
        expect(Number(volume)).toBe(0)
        return
      }
      expect([open, high, low, close].map(Number)).toEqual([
        prices[0],
        Math.max(...prices),
        Math.min(...prices),
        prices.at(-1),
      ])
      const steps = minute.sizes.reduce((sum, size) => sum + BigInt(size), 0n)
      expect(volume).toBe(decimalOf(steps * 10n ** BigInt(8 - listing.sizeDigits), 8))
      const value = minute.sizes.reduce(
        (sum, size, i) => sum + BigInt(size) * BigInt(minute.prices[i] ?? 0),
        0n,
      )
      if (quoteVolume !== undefined) expect(quoteVolume).toBe(decimalOf(value, 8))
    }),
  )
})

test('trades come in order of time, inside their minute, and a candle only grows', () => {
  fc.assert(
    fc.property(anyListing, anyMinute, (listing, startMs) => {
      const minute = market.minute(listing, startMs)
      const times = Array.from(minute.offsetsUs)
      const candles = times.map((_, i) => candleOf(minute, i + 1))

      expect(
        times.every((at, i) => at >= 0 && at < 60_000_000 && (i === 0 || at > (times[i - 1] ?? 0))),
      ).toBe(true)
      candles.slice(1).forEach((candle, i) => {
        expect(Number(candle.volume)).toBeGreaterThanOrEqual(Number(candles[i]?.volume))
        expect(Number(candle.high)).toBeGreaterThanOrEqual(Number(candles[i]?.high))
        expect(Number(candle.low)).toBeLessThanOrEqual(Number(candles[i]?.low))
      })
    }),
    { numRuns: 50 },
  )
})

describe('over a day', () => {
  const day = (exchange: string, nativeSymbol: string, seed = 7) => {
    const one = marketOf(seed)
    const listing = one.find(exchange, nativeSymbol)
    return listing === undefined ? [] : one.truth(listing, AT, AT + 1440 * MINUTE_MS)
  }
  const quiet = (candles: readonly TrueCandle[]) =>
    candles.filter(({ tradeCount }) => tradeCount === 0).length / candles.length

  test('a liquid coin is never quiet, others in more than 40 % of minutes', () => {
    expect(quiet(day('kraken', 'BTC/USD'))).toBe(0)
    expect(quiet(day('kraken', 'KSM/USD'))).toBeGreaterThan(0.4)
    expect(quiet(day('binance_us', 'PEPEUSDT'))).toBeGreaterThan(0.4)
  })

  test('another seed is another market', () => {
    expect(day('kraken', 'BTC/USD', 8).map(shown)).not.toEqual(day('kraken', 'BTC/USD').map(shown))
  })

  test('two exchanges agree about a coin within a percent', () => {
    const [kraken, binance] = [day('kraken', 'BTC/USD'), day('binance_us', 'BTCUSDT')]

    const apart = kraken.map(({ close }, i) => Math.abs(Number(close) / Number(binance[i]?.close) - 1))
    expect(Math.max(...apart)).toBeLessThan(0.01)
  })

  test("some of Kraken's volumes have more digits than a double holds", () => {
    const volumes = day('kraken', 'PEPE/USD').map(({ volume }) => volume)

    expect(volumes.filter((text) => Number(text).toFixed(8) !== text).length).toBeGreaterThan(0)
  })

  test('the average price lies between low and high', () => {
    const outside = day('kraken', 'REKT/USD').filter(
      ({ vwap, low, high, tradeCount }) =>
        tradeCount > 0 && (Number(vwap) < Number(low) || Number(vwap) > Number(high)),
    )

    expect(outside).toEqual([])
  })
})
