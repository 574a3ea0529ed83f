import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Budget, createBudget, learn, type PublishedLimit, spend, waitMs } from './budget.ts'

const BINANCE_US: PublishedLimit = { weight: 1200, perMs: 60_000 }
const KRAKEN: PublishedLimit = { weight: 1, perMs: 1000 }

const limits = fc.record({
  weight: fc.integer({ min: 1, max: 2000 }),
  perMs: fc.constantFrom(1000, 10_000, 60_000, 300_000),
})
const asks = fc.array(
  fc.record({ afterMs: fc.integer({ min: 0, max: 90_000 }), weight: fc.integer({ min: 1, max: 50 }) }),
  { minLength: 1, maxLength: 200 },
)

/** Sums of fractions of a ms. */
const ROUNDING_MS = 1e-6

/** Asks one after the other, each as soon as it may; gives when each was granted. */
function play(budget: Budget, wanted: readonly { afterMs: number; weight: number }[]) {
  const granted: { atMs: number; weight: number; waitedMs: number }[] = []
  let nowMs = 1_000_000
  let state = budget
  for (const { afterMs, weight } of wanted) {
    nowMs += afterMs
    const waitedMs = waitMs(state, weight, nowMs)
    nowMs += waitedMs
    state = spend(state, weight, nowMs)
    granted.push({ atMs: nowMs, weight, waitedMs })
  }
  return granted
}

test('no window ever holds more than half of what the exchange publishes, whatever is asked when', () => {
  fc.assert(
    fc.property(limits, asks, (limit, wanted) => {
      const granted = play(createBudget(limit), wanted)

      for (const { atMs } of granted) {
        const inWindow = granted.filter(
          (other) => other.atMs > atMs - limit.perMs + ROUNDING_MS && other.atMs <= atMs,
        )
        const sum = inWindow.reduce((total, { weight }) => total + weight, 0)
        // One call that alone is more than half is made, but then it is alone.
        expect(sum <= limit.weight / 2 || inWindow.length === 1).toBe(true)
      }
    }),
  )
})

test('nobody waits longer than what was spent before counts', () => {
  fc.assert(
    fc.property(limits, asks, (limit, wanted) => {
      const heaviest = Math.max(...wanted.map(({ weight }) => weight))
      const longestMs = limit.perMs * Math.max(1, heaviest / (limit.weight / 2))
      const waitedMs = Math.max(...play(createBudget(limit), wanted).map(({ waitedMs }) => waitedMs))

      expect(waitedMs).toBeLessThanOrEqual(longestMs + ROUNDING_MS)
    }),
    {
      examples: [
        [
          { weight: 6, perMs: 1000 },
          [
            { afterMs: 0, weight: 46 },
            { afterMs: 0, weight: 1 },
          ],
        ],
      ],
    },
  )
})

test('one call a second becomes one in two', () => {
  const granted = play(
    createBudget(KRAKEN),
    Array.from({ length: 5 }, () => ({ afterMs: 0, weight: 1 })),
  )

  expect(granted.map(({ waitedMs }) => waitedMs)).toEqual([0, 2000, 2000, 2000, 2000])
})

test('half of the limit may be spent at once', () => {
  let budget = createBudget(BINANCE_US)
  for (let i = 0; i < 600; i += 1) budget = spend(budget, 1, 1000)

  expect(waitMs(budget, 1, 1000)).toBe(60_000)
  expect(budget.spent).toHaveLength(1)
})

test('what the exchange counts beyond our calls is our neighbours’, and is waited for', () => {
  const used = (usedWeight: number) =>
    learn(createBudget(BINANCE_US), { status: 200, retryAfterMs: undefined, usedWeight }, 0)

  expect(waitMs(used(900), 1, 0)).toBe(0)
  expect(waitMs(used(960), 1, 0)).toBe(60_000)
  expect(waitMs(used(960), 1, 60_000)).toBe(0)
})

test('a used weight that says what we know already changes nothing', () => {
  const budget = spend(createBudget(BINANCE_US), 10, 0)

  expect(learn(budget, { status: 200, retryAfterMs: undefined, usedWeight: 10 }, 5)).toEqual(budget)
})

test.each<[number, number | undefined, number, string]>([
  [429, 30_000, 30_000, 'as long as it says'],
  [429, 0, 1000, 'a second though it says none'],
  [429, undefined, 10_000, 'some time where it does not say'],
  [418, undefined, 120_000, 'two minutes of a ban'],
  [403, undefined, 120_000, 'two minutes of a firewall'],
  [418, 3 * 3_600_000, 3 * 3_600_000, 'hours'],
  [418, 1e12, 3 * 86_400_000, 'three days at most'],
  [503, 5000, 5000, 'also when it is unavailable and says how long'],
  [503, undefined, 0, 'not at all for a fault of its own'],
  [200, 5000, 0, 'not at all when all is well'],
])('HTTP %i with Retry-After %s stops us for %i ms: %s', (status, retryAfterMs, expected) => {
  const budget = learn(createBudget(BINANCE_US), { status, retryAfterMs, usedWeight: undefined }, 500)

  expect(waitMs(budget, 1, 500)).toBe(expected)
})

test('refusals in a row stop us longer each time, answers to one and the same moment do not', () => {
  const refused = { status: 429, retryAfterMs: undefined, usedWeight: undefined }
  const well = { status: 200, retryAfterMs: undefined, usedWeight: undefined }
  const first = learn(createBudget(BINANCE_US), refused, 0)
  const again = learn(first, refused, 10)

  expect(waitMs(again, 1, 10)).toBe(10_000)
  const second = learn(again, refused, 20_000)
  expect(waitMs(second, 1, 20_000)).toBe(20_000)
  // A late answer from before the refusal does not make it forgotten.
  expect(learn(second, well, 30_000).refusals).toBe(2)
  expect(learn(second, well, 50_000).refusals).toBe(0)
})
