import { beforeAll, describe, expect, test } from 'vitest'
import { type CollectedHours, collectHours, problemsOf } from './collect-hours.ts'

const MINUTE_MS = 60_000
const COINS = 6
const MINUTES = 70

// It brings its own warehouse: a second run on another server would show nothing new.
describe.skipIf(process.env.KX_TEST_DATABASE_URL)(`${MINUTES} minutes across an hour's border`, () => {
  let hours: CollectedHours

  beforeAll(async () => {
    const toMs = Date.parse('2026-03-10T14:00:00Z')
    hours = await collectHours({
      ...{ seed: 7, coins: COINS, factor: 60 },
      span: { fromMs: toMs - MINUTES * MINUTE_MS, toMs },
      say: () => undefined,
    })
  }, 240_000)

  test("silver equals the market's truth candle for candle, quiet minutes included, none missing", () => {
    expect(problemsOf(hours)).toEqual([])
    expect(hours.coverage).toMatchObject({ expected: MINUTES * COINS * 2, final: MINUTES * COINS * 2 })
    expect(hours.silver.compared).toBeGreaterThanOrEqual(MINUTES * COINS * 2)
    expect(hours.silver.quiet).toBeGreaterThan(0)
  })

  test("the final candle of each minute :59 is in its own hour's folder", () => {
    expect(hours.lastMinutes).toEqual({ expected: 2 * COINS * 2, problems: [] })
  })

  test('every line is once in the landing, in the store and in bronze', () => {
    expect(hours.exactlyOnce).toMatchObject({ problems: [], deletedParts: 0 })
    expect(hours.exactlyOnce.records).toBeGreaterThan(1000)
  })
})
