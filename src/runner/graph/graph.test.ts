import { expect, test } from 'vitest'
import { aModel, aSeed, aSource, aTest } from '../../testing/nodes.ts'
import { buildGraph, type GraphInput } from './graph.ts'

const empty: GraphInput = { models: [], seeds: [], sources: [], tests: [] }

const market: GraphInput = {
  models: [
    aModel('gold.ohlcv_1h', { reads: ['silver.fact'] }),
    aModel('silver.fact', { reads: ['bronze.native', 'seeds.rank', 'previous 1h'] }),
    aModel('gold.ohlcv_1d', { reads: ['gold.ohlcv_1h'], partition: 'day' }),
  ],
  seeds: [aSeed('rank')],
  sources: [aSource('bronze.native')],
  tests: [aTest('bounds', ['silver.fact'])],
}

test('parents come before children, and each side is told', () => {
  const graph = buildGraph(market)

  expect([...graph.nodes.keys()]).toEqual([
    'bronze.native',
    'seeds.rank',
    'silver.fact',
    'gold.ohlcv_1h',
    'tests.bounds',
    'gold.ohlcv_1d',
  ])
  expect(graph.parents('silver.fact')).toEqual(['bronze.native', 'seeds.rank'])
  expect(graph.children('silver.fact')).toEqual(['gold.ohlcv_1h', 'tests.bounds'])
})

test('the order files were read in changes nothing', () => {
  const turned = { ...market, models: [...market.models].reverse() }

  expect([...buildGraph(turned).nodes.keys()]).toEqual([...buildGraph(market).nodes.keys()])
})

test('walking stops at the depth asked for', () => {
  const graph = buildGraph(market)

  expect([...graph.descendants(['bronze.native'], 1)]).toEqual(['silver.fact'])
  expect(graph.descendants(['bronze.native'], 0).size).toBe(0)
  expect([...graph.ancestors(['gold.ohlcv_1d'])].sort()).toEqual([
    'bronze.native',
    'gold.ohlcv_1h',
    'seeds.rank',
    'silver.fact',
  ])
})

test.each([
  ['two', ['a.x>b.y', 'b.y>a.x'], 'a.x → b.y → a.x'],
  ['three', ['a.x>b.y', 'b.y>c.z', 'c.z>a.x'], 'a.x → b.y → c.z → a.x'],
  ['itself', ['a.x>a.x'], 'a.x → a.x'],
  ['a circle that others lead to', ['a.x>b.y', 'b.y>c.z', 'c.z>b.y'], 'b.y → c.z → b.y'],
])('a circle of %s is named whole', (_, arrows, named) => {
  const models = arrows.map((arrow) => {
    const [id = '', reads = ''] = arrow.split('>')
    return aModel(id, { reads: [reads] })
  })

  expect(() => buildGraph({ ...empty, models })).toThrow(
    expect.objectContaining({
      code: 'KX_GRAPH_CYCLE',
      message: `models read each other in a circle: ${named}`,
    }),
  )
})

test('what is not in the project cannot be read', () => {
  const models = [aModel('gold.x', { reads: ['silver.gone'] })]

  expect(() => buildGraph({ ...empty, models })).toThrow(expect.objectContaining({ code: 'KX_REF_UNKNOWN' }))
})
