import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anInstrument } from '../../testing/source-tables.ts'
import { expectedMinutes, missingMinutes, planAsks } from './gaps.ts'
import {
  countMinutes,
  MINUTE_MS,
  type MinuteRange,
  rangesOfMinutes,
  subtractRanges,
} from './minute-ranges.ts'

const DAY = Date.UTC(2024, 4, 1)
const at = (minute: number) => DAY + minute * MINUTE_MS
const range = (from: number, to: number): MinuteRange => ({ fromMs: at(from), toMs: at(to) })
const everything = { reachMinutes: undefined, hasTrades: false, serverMs: at(2000) }

/** `0-60 trades [0-3 57-60]`: range, way and what is wanted, in minutes of the day. */
function shown(plan: ReturnType<typeof planAsks>): string[] {
  const minutes = ({ fromMs, toMs }: MinuteRange) =>
    `${(fromMs - DAY) / MINUTE_MS}-${(toMs - DAY) / MINUTE_MS}`
  return plan.asks.map((ask) => `${minutes(ask)} ${ask.by} [${ask.wanted.map(minutes).join(' ')}]`)
}

test('every listed minute without a final row is missing, before and after the listing none is', () => {
  const instrument = anInstrument({ listedFromMs: at(10), listedToMs: at(20) })

  expect(missingMinutes(instrument, range(0, 60), [range(12, 14), range(18, 40)])).toEqual([
    range(10, 12),
    range(14, 18),
  ])
})

test.each<[number | undefined, number | undefined, MinuteRange[]]>([
  [undefined, undefined, [range(0, 60)]],
  [at(0) + 1, at(60) - 1, [range(1, 59)]],
  [at(60), undefined, []],
  [undefined, at(0), []],
])(
  'an instrument listed from %s to %s is expected in whole minutes',
  (listedFromMs, listedToMs, expected) => {
    expect(expectedMinutes({ listedFromMs, listedToMs }, range(0, 60))).toEqual(expected)
  },
)

test('minutes that lie together are asked for together', () => {
  const missing = [range(3, 4), range(17, 18), range(42, 43)]

  expect(shown(planAsks(anInstrument(), missing, everything))).toEqual(['3-43 candles [3-4 17-18 42-43]'])
})

test('a day is asked for in pages', () => {
  expect(shown(planAsks(anInstrument(), [range(0, 1440)], everything))).toEqual([
    '0-700 candles [0-700]',
    '700-1400 candles [700-1400]',
    '1400-1440 candles [1400-1440]',
  ])
})

test('what is beyond the reach of candles is built from trades', () => {
  const kraken = { reachMinutes: 720, hasTrades: true, serverMs: at(1440) + 59_000 }

  expect(shown(planAsks(anInstrument(), [range(0, 3), range(600, 900)], kraken))).toEqual([
    '0-700 trades [0-3 600-700]',
    '700-730 trades [700-730]',
    '730-900 candles [730-900]',
  ])
})

test('what nothing reaches is said to be so', () => {
  const { asks, unreachable } = planAsks(anInstrument(), [range(0, 900)], {
    reachMinutes: 720,
    hasTrades: false,
    serverMs: at(1440),
  })

  expect(asks).toHaveLength(1)
  expect(unreachable).toEqual([range(0, 730)])
})

test('all that is missing is wanted by exactly one ask, no ask is longer than a page', () => {
  const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 3000 }), { maxLength: 60 })
  fc.assert(
    fc.property(
      minutes,
      fc.option(fc.integer({ min: 20, max: 2000 }), { nil: undefined }),
      (some, reachMinutes) => {
        const missing = rangesOfMinutes(some.map(at))
        const { asks } = planAsks(anInstrument(), missing, {
          reachMinutes,
          hasTrades: true,
          serverMs: at(3100),
        })
        const wanted = asks.flatMap((ask) => ask.wanted)

        expect(countMinutes(wanted)).toBe(countMinutes(missing))
        expect(
          subtractRanges(
            missing,
            [...wanted].sort((a, b) => a.fromMs - b.fromMs),
          ),
        ).toEqual([])
        for (const ask of asks) {
          expect(ask.toMs - ask.fromMs).toBeLessThanOrEqual(700 * MINUTE_MS)
          expect(subtractRanges(ask.wanted, [ask])).toEqual([])
        }
      },
    ),
  )
})
