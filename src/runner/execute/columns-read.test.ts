import { expect, test } from 'vitest'
import { aModel, aSource } from '../../testing/nodes.ts'
import type { KnownRelation } from '../../warehouse/index.ts'
import { buildGraph } from '../graph/index.ts'
import type { Column, Model } from '../model/index.ts'
import { columnsRead } from './columns-read.ts'

const view = (id: string, ...reads: string[]) => aModel(id, { materialized: 'view', reads })

const column = (name: string): Column => ({
  name,
  type: 'text',
  description: '',
  unit: undefined,
  isNullable: true,
  tests: [],
})

/** What `gold.x` reads of `models`, where `silver.fact` is a table that kx made. */
function read(...models: readonly Model[]): readonly string[] {
  const graph = buildGraph({
    models: [aModel('silver.fact'), ...models],
    seeds: [],
    sources: [aSource('bronze.tick', { contract: { columns: [column('price')] } })],
    tests: [],
  })
  const fact: KnownRelation = {
    model: 'silver.fact',
    kind: 'table',
    schema: 'silver',
    name: 'fact',
    definitionHash: 1,
    columns: [column('high'), column('low')],
    isThere: true,
  }
  return columnsRead(graph, 'gold.x', new Map([['silver.fact', fact]]))
}

const fact = ['silver.fact', 'high text', 'low text']
const tick = ['bronze.tick', 'price text']

test.each<[string, readonly Model[], readonly string[]]>([
  ['tables and sources', [aModel('gold.x', { reads: ['silver.fact', 'bronze.tick'] })], [...tick, ...fact]],
  [
    'what is under a view',
    [view('silver.v', 'silver.fact'), aModel('gold.x', { reads: ['silver.v'] })],
    fact,
  ],
  [
    'a table that is also read through views, once',
    [
      view('silver.v', 'silver.fact', 'bronze.tick'),
      view('silver.w', 'silver.fact'),
      aModel('gold.x', { reads: ['silver.fact', 'silver.v', 'silver.w'] }),
    ],
    [...fact, ...tick],
  ],
])('a model reads the columns of %s', (_, models, expected) => {
  expect(read(...models)).toEqual(expected)
})

test('layers of views that each read all of the layer below are walked once', () => {
  const layers = Array.from({ length: 25 }, (_, i) => {
    const below = i === 0 ? ['silver.fact'] : [`silver.a${i - 1}`, `silver.b${i - 1}`]
    return [view(`silver.a${i}`, ...below), view(`silver.b${i}`, ...below)]
  })

  expect(read(...layers.flat(), aModel('gold.x', { reads: ['silver.a24', 'silver.b24'] }))).toEqual(fact)
})
