import { expect, test } from 'vitest'
import { aModel, aSeed, aSource, type ModelSketch } from '../../testing/nodes.ts'
import { formatWindow, type Model } from '../model/index.ts'
import { effectiveEdges } from './effective-edges.ts'
import { buildGraph } from './graph.ts'

const view = (id: string, ...reads: string[]) => aModel(id, { materialized: 'view', reads })

/** What the last of `models` reads, as text. */
function read(...models: readonly Model[]): string[] {
  const graph = buildGraph({
    models: [aModel('silver.fact'), aModel('gold.day', { partition: 'day' }), ...models],
    seeds: [aSeed('rank')],
    sources: [
      aSource('bronze.native'),
      aSource('bronze.instrument', {
        contract: { timeColumn: undefined, validRange: { from: 'a', to: 'b' } },
      }),
      aSource('bronze.plain', { contract: { timeColumn: undefined } }),
    ],
    tests: [],
  })
  const last = models.at(-1)
  return last === undefined
    ? []
    : effectiveEdges(graph, last).map(({ parent, window }) => `${parent} ${formatWindow(window)}`)
}

test.each<[string, readonly Model[], string[]]>([
  ['a table is read as written', [aModel('gold.x', { reads: ['silver.fact 24h'] })], ['silver.fact 24h']],
  [
    'a view is looked through',
    [view('silver.v', 'silver.fact'), aModel('gold.x', { reads: ['silver.v'] })],
    ['silver.fact own'],
  ],
  [
    'windows add up',
    [view('silver.v', 'silver.fact 2h..1h'), aModel('gold.x', { reads: ['silver.v 3h'] })],
    ['silver.fact 5h..1h'],
  ],
  [
    'through two views, and an ephemeral',
    [
      view('silver.v', 'silver.fact 1h'),
      aModel('silver.e', { materialized: 'ephemeral', reads: ['silver.v 1h'] }),
      aModel('gold.x', { reads: ['silver.e 1h'] }),
    ],
    ['silver.fact 3h'],
  ],
  [
    'hours and days are counted in days, rounded up',
    [view('silver.v', 'silver.fact 2h'), aModel('gold.x', { reads: ['silver.v 1d'] })],
    ['silver.fact 2d'],
  ],
  [
    'none stays none, from either side',
    [view('silver.v', 'silver.fact none'), aModel('gold.x', { reads: ['silver.v 3h'] })],
    ['silver.fact none'],
  ],
  [
    'two ways to one parent are two inputs, equal ones are one',
    [
      view('silver.v', 'silver.fact 1h'),
      aModel('gold.x', { reads: ['silver.fact', 'silver.v', 'silver.fact', 'silver.fact 1h'] }),
    ],
    ['silver.fact own', 'silver.fact 1h'],
  ],
  ['its own past is an input', [aModel('gold.x', { reads: ['previous 1h'] })], ['gold.x 1h']],
  [
    'an hour may read the day before',
    [aModel('gold.x', { reads: ['gold.day 1d..-1d'] })],
    ['gold.day 1d..-1d'],
  ],
  [
    'a day may read days in hours',
    [aModel('gold.x', { partition: 'day', reads: ['gold.day 24h'] })],
    ['gold.day 24h'],
  ],
  [
    'sources have hours',
    [aModel('gold.x', { reads: ['bronze.native 1h', 'bronze.instrument 1h'] })],
    ['bronze.native 1h', 'bronze.instrument 1h'],
  ],
])('%s', (_, models, expected) => {
  expect(read(...models)).toEqual(expected)
})

const hourly = (...reads: string[]): ModelSketch => ({ reads })

test.each<[string, readonly Model[]]>([
  ['an hour reads the day it lies in', [aModel('gold.x', hourly('gold.day'))]],
  [
    'an hour reads the day it lies in through a view',
    [view('silver.v', 'gold.day'), aModel('gold.x', hourly('silver.v'))],
  ],
  ['an hour counts a daily parent in hours', [aModel('gold.x', hourly('gold.day 24h..-24h'))]],
  ['an hour reads into its own day', [aModel('gold.x', hourly('gold.day 1d'))]],
  ['a day counts days in odd hours', [aModel('gold.x', { partition: 'day', reads: ['gold.day 5h'] })]],
  [
    'a view does not say which column places its rows',
    [
      aModel('silver.v', { materialized: 'view', timeColumn: undefined, reads: ['silver.fact'] }),
      aModel('gold.x', hourly('silver.v')),
    ],
  ],
  ['a seed has no hours', [aModel('gold.x', hourly('seeds.rank 1h'))]],
  ['a source without a time has no hours', [aModel('gold.x', hourly('bronze.plain 1h'))]],
  [
    'a table has no hour to count from',
    [aModel('gold.x', { materialized: 'table', reads: ['silver.fact 1h'] })],
  ],
  ['a view uses partition', [aModel('gold.x', { materialized: 'view', usesPartition: true })]],
  ['a table has no past', [aModel('gold.x', { materialized: 'table', reads: ['previous 1h'] })]],
])('%s: refused', (_, models) => {
  expect(() => read(...models)).toThrow(expect.objectContaining({ code: 'KX_WINDOW_INVALID' }))
})

test('an ephemeral is part of the step that reads it, so it may use partition', () => {
  const inner = aModel('silver.e', { materialized: 'ephemeral', reads: ['silver.fact'], usesPartition: true })

  expect(read(inner, aModel('gold.x', { reads: ['silver.e'] }))).toEqual(['silver.fact own'])
})

test.each(['view', 'ephemeral'] as const)(
  'layers of one %s beside another that each read all of the layer below are walked once',
  (kind) => {
    const layers = Array.from({ length: 25 }, (_, i) => {
      const reads = i === 0 ? ['silver.fact'] : [`silver.a${i - 1}`, `silver.b${i - 1}`]
      return ['a', 'b'].map((side) => aModel(`silver.${side}${i}`, { materialized: kind, reads }))
    })
    const last = aModel('gold.x', { reads: ['silver.a24', 'silver.b24'] })

    expect(read(...layers.flat(), last)).toEqual(['silver.fact own'])
  },
)
