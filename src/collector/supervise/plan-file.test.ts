import { expect, test } from 'vitest'
import { type CollectPlan, checkPlan, parsePlan, renderPlan } from './plan-file.ts'
import type { FeedLoad } from './shards.ts'

const loads: FeedLoad[] = [
  { exchange: 'kraken', kind: 'candles', symbols: ['BTC/USD', 'ETH/USD'], score: 1 },
  { exchange: 'okx', kind: 'ticks', symbols: undefined, score: 1 },
]

const plan: CollectPlan = {
  created: '2024-05-01T00:00:00.000Z',
  workers: [
    {
      worker: 1,
      score: 30,
      feeds: [{ exchange: 'kraken', kind: 'candles', symbols: ['BTC/USD'], score: 30 }],
    },
    {
      worker: 2,
      score: 30.5,
      feeds: [{ exchange: 'kraken', kind: 'candles', symbols: ['ETH/USD'], score: 30.5 }],
    },
    { worker: 3, score: 7, feeds: [{ exchange: 'okx', kind: 'ticks', symbols: undefined, score: 7 }] },
  ],
  measured: [{ exchange: 'kraken', kind: 'candles', bytesPerSecond: 61, reconnectsPerMinute: 0.25 }],
}

test('a plan that is written is read again as it was, and fits its project', () => {
  const read = parsePlan(renderPlan(plan), 'plan.json')

  expect(read).toEqual(plan)
  expect(() => checkPlan(read, loads, 'plan.json')).not.toThrow()
})

const one = (feed: string) => `{"created":"x","workers":[{"worker":1,"score":1,"feeds":[${feed}]}]}`

test.each([
  ['not JSON', 'workers: 1', 'it is not JSON'],
  ['a list', '[]', 'the plan is not an object'],
  ['no time', '{"workers":[]}', '"created" is not a text'],
  ['no workers', '{"created":"x"}', '"workers" is not a list'],
  ['a worker without feeds', one(''), 'worker 1 has no feeds'],
  ['a feed that is a name', one('"kraken"'), 'a feed of worker 1 is not an object'],
  ['a feed without an exchange', one('{"kind":"candles","score":1}'), '"exchange" of worker 1 is not a text'],
  [
    'an unknown kind',
    one('{"exchange":"a","kind":"x","score":1}'),
    '"kind" of worker 1 is neither "candles" nor "ticks"',
  ],
  [
    'a score that is none',
    one('{"exchange":"a","kind":"ticks","score":"1"}'),
    '"score" of a feed of worker 1 is not a number',
  ],
  [
    'symbols that are a text',
    one('{"exchange":"a","kind":"ticks","score":1,"symbols":"A"}'),
    '"symbols" of worker 1 is not a list',
  ],
])('a plan that is %s is refused', (_, text, message) => {
  expect(() => parsePlan(text, 'p.json')).toThrow(
    expect.objectContaining({ code: 'KX_COLLECT_PLAN', message: `p.json: ${message}` }),
  )
})

const shard = (exchange: string, symbols?: string[], kind: 'candles' | 'ticks' = 'candles') => ({
  exchange,
  kind,
  symbols,
  score: 1,
})
const okx = shard('okx', undefined, 'ticks')

test.each([
  [
    'an exchange too many',
    [[shard('kraken'), shard('gemini')], [okx]],
    'candles of gemini are not collected by this project',
  ],
  ['an exchange too few', [[okx]], 'no worker has the candles of kraken'],
  [
    'an exchange twice',
    [[shard('kraken')], [shard('kraken')], [okx]],
    'two workers have the candles of kraken',
  ],
  [
    'a symbol twice',
    [[shard('kraken', ['BTC/USD'])], [shard('kraken', ['BTC/USD', 'ETH/USD'])], [okx]],
    'two workers have BTC/USD of the candles of kraken',
  ],
  [
    'a symbol too few',
    [[shard('kraken', ['BTC/USD'])], [okx]],
    'no worker has ETH/USD of the candles of kraken',
  ],
  [
    'a symbol too many',
    [[shard('kraken', ['BTC/USD', 'ETH/USD', 'X'])], [okx]],
    'X of the candles of kraken is not collected by this project',
  ],
  [
    'ticks beside candles',
    [[shard('kraken'), okx]],
    'worker 1 has candles and ticks: ticks need workers of their own',
  ],
])('a plan with %s does not fit', (_, workers, message) => {
  const given = { ...plan, workers: workers.map((feeds, i) => ({ worker: i + 1, feeds, score: 1 })) }

  expect(() => checkPlan(given, loads, 'p.json')).toThrow(
    expect.objectContaining({ code: 'KX_COLLECT_PLAN', message: `p.json: ${message}` }),
  )
})
