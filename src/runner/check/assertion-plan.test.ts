import { expect, test } from 'vitest'
import { HOUR_MS, type LedgerSnapshot, type ModelLedgerRows, partitionKey } from '../../base/index.ts'
import { aModel, aSource, aTest } from '../../testing/nodes.ts'
import { buildGraph } from '../graph/index.ts'
import { planModels } from '../plan/index.ts'
import { planAssertions } from './assertion-plan.ts'

const DAY = Date.parse('2024-05-01T00:00:00Z')
const hour = (n: number) => DAY / HOUR_MS + n
/** Hours that hold something, and their versions. */
type Hours = Readonly<Record<number, number>>

const trades = aModel('silver.trades', { reads: ['bronze.ticks'] })
const daily = aModel('gold.daily', { reads: ['silver.trades'], partition: 'day' })
const names = aModel('marts.names', { reads: ['silver.trades'], materialized: 'table' })
const graph = buildGraph({
  models: [trades, daily, names],
  seeds: [],
  sources: [
    aSource('bronze.ticks'),
    aSource('bronze.listing', {
      contract: { timeColumn: undefined, validRange: { from: 'listed_from', to: 'listed_to' } },
    }),
  ],
  tests: [
    aTest('of_trades', ['silver.trades']),
    aTest('of_day', ['gold.daily', 'silver.trades']),
    aTest('of_names', ['marts.names']),
    aTest('of_listing', ['bronze.listing']),
    aTest('of_ticks', ['bronze.ticks']),
  ],
})

test('hours that the model holds and that did not pass before are tested', () => {
  const models = { 'silver.trades': built({ 0: 11, 1: 12, 3: 13 }) }

  expect(plan('of_trades', { models })).toEqual(['T00', 'T01', 'T03', '2 unbuilt'])
  expect(plan('of_trades', { models, passed: passed({ 0: 11, 1: 9 }) })).toEqual(['T01', 'T03', '2 unbuilt'])
})

test('an assertion whose SQL changed is asked again everywhere', () => {
  const models = { 'silver.trades': built({ 0: 11 }) }

  expect(plan('of_trades', { models, passed: passed({ 0: 11 }, 99) })).toEqual(['T00', '4 unbuilt'])
})

test('hours that are asked for are tested whatever passed, and no others', () => {
  const models = { 'silver.trades': built({ 0: 11, 1: 12, 2: 13 }) }
  const range = { startMs: DAY + HOUR_MS, endMs: DAY + 2 * HOUR_MS }

  expect(plan('of_trades', { models, passed: passed({ 0: 11, 1: 12 }), range })).toEqual(['T01'])
})

test('what reads days and hours is tested by the day', () => {
  const models = { 'silver.trades': built({ 0: 11 }), 'gold.daily': built({ 0: 21 }) }

  expect(plan('of_day', { models })).toEqual(['2024-05-01'])
})

test('what reads no hours is tested once, as soon as it is there', () => {
  expect(plan('of_names', { models: {} })).toEqual(['1 unbuilt'])
  expect(plan('of_names', { models: { 'marts.names': once(5) } })).toEqual(['once'])
  expect(plan('of_listing', { models: {} })).toEqual(['once'])
})

test('a source is tested in every hour it has', () => {
  expect(plan('of_ticks', { models: {} })).toEqual(['T00', 'T01', 'T02', 'T03', 'T04'])
})

interface Given {
  readonly models: Readonly<Record<string, ModelLedgerRows>>
  readonly passed?: ModelLedgerRows
  readonly range?: { startMs: number; endMs: number }
}

/** The partitions of a test that are to be tested, as text. */
function plan(name: string, { models, passed: rows, range }: Given): string[] {
  const assertion = aTestNode(name)
  const ticks = { ...columns({ 0: 1, 1: 2, 2: 3, 3: 4, 4: 5 }), prunedStarts: [] }
  const ledger: LedgerSnapshot = {
    models: new Map(Object.entries(models)),
    exceptions: [],
    sources: new Map([['bronze.ticks', ticks]]),
    ranges: new Map(),
    vars: new Map(),
  }
  const [planned] = planAssertions({
    graph,
    assertions: [assertion],
    models: planModels(graph, { beginMs: undefined }),
    ledger,
    passes: new Map(rows === undefined ? [] : [[assertion.id, rows]]),
    nowMs: DAY + 1000 * HOUR_MS,
    range,
    within: undefined,
  })
  const { partitions = [], unbuilt = 0, plan: model } = planned ?? {}
  const keys = partitions.map(({ startMs }) =>
    Number.isNaN(startMs) ? 'once' : partitionKey(startMs, model?.grain).replace('2024-05-01T', 'T'),
  )
  return unbuilt === 0 ? keys : [...keys, `${unbuilt} unbuilt`]
}

function aTestNode(name: string) {
  const node = graph.nodes.get(`tests.${name}`)
  if (node?.kind !== 'test') throw new Error(`no test ${name}`)
  return node
}

function columns(hours: Hours) {
  return {
    starts: Float64Array.from(Object.keys(hours), (key) => hour(Number(key))),
    versions: Float64Array.from(Object.values(hours)),
  }
}

function built(hours: Hours): ModelLedgerRows {
  const count = Object.keys(hours).length
  return { ...columns(hours), codeHashes: new Float64Array(count), inputs: new Array(count).fill('') }
}

/** Passes of an assertion: each hour with the version of its only input. */
function passed(hours: Hours, codeHash = 1): ModelLedgerRows {
  const versions = Object.values(hours)
  return {
    ...columns(hours),
    codeHashes: new Float64Array(versions.length).fill(codeHash),
    inputs: versions.map(String),
  }
}

function once(version: number): ModelLedgerRows {
  return {
    starts: Float64Array.of(Number.NaN),
    versions: Float64Array.of(version),
    codeHashes: Float64Array.of(1),
    inputs: [''],
  }
}
