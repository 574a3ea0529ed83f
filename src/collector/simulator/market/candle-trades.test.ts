import fc from 'fast-check'
import { expect, test } from 'vitest'
import { simulatedInstruments } from '../day/market.ts'
import type { HistoricCandle } from './candle-trades.ts'
import { openMarket } from './market.ts'

const MINUTE_MS = 60_000
const AT = Date.parse('2023-03-10T12:00:00Z')
const [kraken, binance] = simulatedInstruments
const instruments = [kraken, binance].flatMap((one) => (one ? [one] : []))

const steps = fc.integer({ min: 100, max: 9_999_999 })
const candle = fc
  .record({
    prices: fc.tuple(steps, steps, steps, steps),
    lots: fc.integer({ min: 100, max: 1e12 }),
    extra: fc.nat(60),
  })
  .map(({ prices, lots, extra }): Omit<HistoricCandle, 'startMs'> => {
    const [open, close, ...others] = prices.map((each) => each / 100) as [number, number, number, number]
    const [high, low] = [Math.max(open, close, ...others), Math.min(open, close, ...others)]
    const volume = lots / 1e8
    return {
      open,
      high,
      low,
      close,
      volume,
      quoteVolume: Number((volume * open).toFixed(8)),
      tradeCount: 4 + extra,
    }
  })
const history = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 200 }), candle), {
  selector: ([minute]) => minute,
  minLength: 1,
  maxLength: 20,
})

test('the trades of a minute of history add up to its candle again, round after round', () => {
  fc.assert(
    fc.property(history, fc.constantFrom(...instruments), fc.nat(5), (minutes, instrument, round) => {
      const candles = minutes.map(([minute, one]) => ({ ...one, startMs: AT + minute * MINUTE_MS }))
      const market = openMarket({ seed: 1, instruments, history: new Map([[instrument, candles]]) })
      const listing = market.find(instrument.exchange, instrument.nativeSymbol)
      if (listing === undefined) throw new Error('not listed')
      const hours = Math.max(...minutes.map(([minute]) => Math.floor(minute / 60))) + 1
      const firstHour = Math.min(...minutes.map(([minute]) => Math.floor(minute / 60)))
      const span = (hours - firstHour) * 60
      const now = Math.ceil((AT / MINUTE_MS + round * span) / span) * span

      for (const [minute, expected] of minutes) {
        const startMs = (now + minute - firstHour * 60) * MINUTE_MS
        const [truth] = market.truth(listing, startMs, startMs + MINUTE_MS)
        expect([truth?.open, truth?.high, truth?.low, truth?.close, truth?.volume].map(Number)).toEqual([
          ...[expected.open, expected.high, expected.low, expected.close, expected.volume],
        ])
        expect(truth?.tradeCount).toBe(expected.tradeCount)
        if (truth?.quoteVolume !== undefined) expect(Number(truth.quoteVolume)).toBe(expected.quoteVolume)
      }
    }),
    { numRuns: 60 },
  )
})

test('minutes without a candle are quiet, at the close before them', () => {
  const one = { open: 1, high: 2, low: 1, close: 2, volume: 3, quoteVolume: 4, tradeCount: 5 }
  const candles = [0, 59].map((minute) => ({ ...one, startMs: AT + minute * MINUTE_MS }))
  const market = openMarket({ seed: 1, instruments, history: new Map([[instruments[0] as never, candles]]) })
  const [listing] = market.listings
  if (listing === undefined) throw new Error('not listed')

  const truth = market.truth(listing, AT, AT + 60 * MINUTE_MS)

  expect(
    truth.filter(({ tradeCount }) => tradeCount > 0).map(({ startMs }) => (startMs - AT) / MINUTE_MS),
  ).toEqual([0, 59])
  expect(truth[30]).toMatchObject({ open: '2.0', close: '2.0', volume: '0.00000000' })
})
