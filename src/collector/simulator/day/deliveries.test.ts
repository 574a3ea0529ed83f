import { expect, test } from 'vitest'
import { newCandle } from '../../formats/candle.ts'
import { landingLines, parseLandingPath } from '../../formats/landing.ts'
import { type Frame, firstFrames, lateFrames, outages } from './deliveries.ts'
import { landingParts } from './landing-lines.ts'
import { isQuiet, type MarketOptions, simulatedInstruments, type TrueCandle, truthOf } from './market.ts'

const day: MarketOptions = { seed: 7, dayStartMs: Date.parse('2024-05-01T00:00:00Z') }
const first = firstFrames(day)
const late = lateFrames(day)
const truth = truthOf(day)

const keyOf = ({ instrument, startMs }: TrueCandle) =>
  `${instrument.exchange} ${instrument.symbol} ${new Date(startMs).toISOString().slice(11, 16)}`
const shown = ({ open, high, low, close, volume, tradeCount }: TrueCandle) =>
  `${open} ${high} ${low} ${close} ${volume} ${tradeCount}`

/** Final candles by minute: what was said of it, without repeats. */
function finals(frames: readonly Frame[]): Map<string, Set<string>> {
  const said = new Map<string, Set<string>>()
  for (const { candle, isFinal } of frames.flatMap(({ landed }) => landed)) {
    if (!isFinal) continue
    said.set(keyOf(candle), (said.get(keyOf(candle)) ?? new Set()).add(shown(candle)))
  }
  return said
}

/** Whether bounds, volume and average price fit together. */
function isPossible(candle: TrueCandle): boolean {
  const numbers = [candle.open, candle.high, candle.low, candle.close, candle.volume].map(Number)
  const [open = 0, high = 0, low = 0, close = 0, volume = 0] = numbers
  const average = Number(candle.vwap ?? Number(candle.quoteVolume) / volume)
  const isBound = low <= Math.min(open, close) && Math.max(open, close) <= high
  if (isQuiet(candle)) return isBound && volume === 0
  return isBound && volume > 0 && average >= low * (1 - 1e-9) && average <= high * (1 + 1e-9)
}

test('every candle is possible: bounds, volume with trades, average price inside', () => {
  expect(truth.filter((candle) => !isPossible(candle))).toEqual([])
})

test('the same seed gives the same day, another seed another', () => {
  expect(truthOf(day)).toEqual(truth)
  expect(truthOf({ ...day, seed: 8 })).not.toEqual(truth)
})

test('a day has every minute of six coins on two exchanges, liquid ones seldom quiet, others often', () => {
  const quiet = (name: string) => truth.filter((c) => isQuiet(c) && keyOf(c).startsWith(name)).length / 1440

  expect(truth).toHaveLength(12 * 1440)
  expect(new Set(simulatedInstruments.map(({ exchange }) => exchange))).toEqual(
    new Set(['kraken', 'binance_us']),
  )
  expect(quiet('kraken BTC-USD')).toBeLessThan(0.01)
  expect(quiet('binance_us DOT-USD')).toBeGreaterThan(0.3)
})

test.each([1, 7])(
  'with seed %i the first files lack one gap and one unfinished minute, nothing else',
  (seed) => {
    const options = { ...day, seed }
    const known = finals(firstFrames(options))
    const missing = truthOf(options)
      .map(keyOf)
      .filter((key) => !known.has(key))
    const gap = Array.from(
      { length: 12 },
      (_, i) => `binance_us SOL-USD 13:${String(7 + i).padStart(2, '0')}`,
    )

    expect(missing.sort()).toEqual([...gap, 'kraken DOT-USD 02:14'])
  },
)

test.each([1, 7])('with seed %i the late files complete the day, and every final candle is true', (seed) => {
  const options = { ...day, seed }
  const known = finals([...firstFrames(options), ...lateFrames(options)])

  for (const candle of truthOf(options))
    expect([...(known.get(keyOf(candle)) ?? [])]).toEqual([shown(candle)])
})

test('the day has what makes days hard: repeats, updates, silence, repairs', () => {
  const landed = first.flatMap(({ source, feedId, landed }) => landed.map((l) => ({ source, feedId, ...l })))
  const count = (is: (l: (typeof landed)[number]) => boolean) => landed.filter(is).length
  const cut = landed.filter(({ candle, isFinal }) => !isFinal && keyOf(candle) === 'kraken DOT-USD 02:14')

  expect(count(({ feedId }) => feedId === 'kraken-ws-2')).toBeGreaterThan(100)
  expect(count(({ isFinal }) => !isFinal)).toBeGreaterThan(500)
  expect(count(({ proof }) => proof === 'silence')).toBeGreaterThan(500)
  expect(count(({ source }) => source === 'rest')).toBe(6 * 60)
  expect(cut).toHaveLength(1)
  expect(outages.gap.toMinute - outages.gap.fromMinute).toBe(12)
})

test('landing lines are read back as they were written, in the folder of their own hour', () => {
  const parts = [...landingParts(first, day, 'day'), ...landingParts(late, day, 'morning')]
  const candle = newCandle()

  const wrong = parts.flatMap(({ path, lines }) => {
    const hive = parseLandingPath(path)
    const read = landingLines(hive)
    return lines.filter((line) => {
      const bytes = Buffer.from(line)
      if (read(bytes, 0, bytes.length, candle) !== undefined || candle.symbol !== hive.symbol) return true
      return !path.includes(`/hour=${new Date(candle.startMs).toISOString().slice(11, 13)}/`)
    })
  })

  expect(wrong).toEqual([])
  expect(new Set(parts.map(({ path }) => path)).size).toBe(parts.length)
})
