import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expectedScore, scoreOf } from './score.ts'
import { type FeedLoad, halve, planShards, type Shard, type WorkerShards } from './shards.ts'

/** `kraken 30` are candles with a score of 30, `~okx 20` ticks. */
function loads(...texts: readonly string[]): FeedLoad[] {
  return texts.map((text) => {
    const [name = '', score = '1'] = text.split(' ')
    const kind = name.startsWith('~') ? 'ticks' : 'candles'
    return { exchange: name.replace('~', ''), kind, symbols: ['A', 'B', 'C', 'D'], score: Number(score) }
  })
}

const shown = ({ worker, feeds }: WorkerShards) => `${worker}: ${feeds.map(shownShard).join(' ')}`
const shownShard = ({ exchange, kind, symbols }: Shard) =>
  `${kind === 'ticks' ? '~' : ''}${exchange}${symbols ? `[${symbols.join('')}]` : ''}`

test.each<[string, FeedLoad[], number | undefined, number, string[]]>([
  ['one exchange is one worker', loads('kraken 9'), undefined, 8, ['1: kraken']],
  ['two cores are two workers', loads('a 9', 'b 5', 'c 5'), undefined, 2, ['1: a', '2: b c']],
  ['the heaviest goes first', loads('a 1', 'b 2', 'c 3'), 2, 8, ['1: c', '2: b a']],
  ['a tie goes to the lowest worker', loads('a 5', 'b 5', 'c 5'), 2, 8, ['1: a c', '2: b']],
  ['ticks never share a worker with candles', loads('a 9', '~a 9'), 1, 1, ['1: a', '2: ~a']],
  [
    'ticks get their share of workers',
    loads('a 10', '~b 40', '~c 30', '~d 20'),
    4,
    8,
    ['1: a', '2: ~b', '3: ~c', '4: ~d'],
  ],
  ['more workers than exchanges stay unused', loads('a 9', 'b 1'), 6, 8, ['1: a', '2: b']],
  [
    'an exchange too big for one process is cut',
    loads('a 8000000', 'b 1'),
    3,
    8,
    ['1: a[AC]', '2: a[BD]', '3: b'],
  ],
])('%s', (_, given, workers, cores, expected) => {
  expect(planShards({ loads: given, workers, cores }).map(shown)).toEqual(expected)
})

test('never more than eight workers unless they are asked for', () => {
  const many = loads(...Array.from({ length: 40 }, (_, i) => `e${i} 5`))

  expect(planShards({ loads: many, workers: undefined, cores: 64 })).toHaveLength(8)
  expect(planShards({ loads: many, workers: 12, cores: 2 })).toHaveLength(12)
})

test('every load is in one worker, kinds apart, and no worker is heavier than LPT allows', () => {
  const kind = fc.constantFrom('candles' as const, 'ticks' as const)
  const load = fc.record({ kind, score: fc.integer({ min: 1, max: 1000 }) })
  fc.assert(
    fc.property(
      fc.array(load, { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 8 }),
      (some, most) => {
        const given = some.map((one, i) => ({ ...one, exchange: `e${i}`, symbols: undefined }))
        const workers = planShards({ loads: given, workers: most, cores: 8 })

        const exchanges = workers.flatMap(({ feeds }) => feeds.map(({ exchange }) => exchange))
        expect(exchanges.sort()).toEqual(given.map(({ exchange }) => exchange).sort())
        for (const { feeds } of workers) expect(new Set(feeds.map((feed) => feed.kind)).size).toBe(1)
        for (const one of ['candles', 'ticks'] as const) {
          const bins = workers.filter(({ feeds }) => feeds[0]?.kind === one)
          const total = bins.reduce((sum, { score }) => sum + score, 0)
          const largest = Math.max(0, ...given.filter((each) => each.kind === one).map(({ score }) => score))
          for (const { score } of bins) expect(score).toBeLessThanOrEqual(total / bins.length + largest)
        }
      },
    ),
  )
})

test('halving goes on until the culprit is alone', () => {
  const all = ['A', 'B', 'C', 'D', 'E']
  let feeds: readonly Shard[] =
    planShards({ loads: loads('a 5', 'b 3'), workers: 1, cores: 1 })[0]?.feeds ?? []
  const seen: string[] = []
  for (let halves = halve(feeds, () => all); halves; halves = halve(feeds, () => all)) {
    seen.push(halves.map((half) => half.map(shownShard).join(' ')).join(' | '))
    feeds = halves[0]
  }

  expect(seen).toEqual(['a | b', 'a[ACE] | a[BD]', 'a[AE] | a[C]', 'a[A] | a[E]'])
})

test('an exchange whose symbols nobody knows cannot be halved', () => {
  expect(
    halve([{ exchange: 'a', kind: 'ticks', symbols: undefined, score: 1 }], () => undefined),
  ).toBeUndefined()
  expect(halve([], () => undefined)).toBeUndefined()
})

test.each([
  [{ bytesPerSecond: 1000, reconnectsPerMinute: 0 }, 1000],
  [{ bytesPerSecond: 1000, reconnectsPerMinute: 0.5 }, 2000],
  [{ bytesPerSecond: 0, reconnectsPerMinute: 0 }, 1],
])('the score of %j is %d', (rates, score) => {
  expect(scoreOf(rates)).toBe(score)
})

test('before anything is measured, symbols count, and tickers weigh more than candles', () => {
  expect(expectedScore('candles', 30)).toBe(3 * expectedScore('candles', 10))
  expect(expectedScore('ticks', 10)).toBeGreaterThan(expectedScore('candles', 10))
  expect(expectedScore('ticks', undefined)).toBeGreaterThan(expectedScore('ticks', 100))
})
