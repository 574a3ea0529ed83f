import { expect, test } from 'vitest'
import { HOUR_MS, type LedgerException } from '../../base/index.ts'
import {
  aPlanModel,
  DAY,
  edge,
  everything,
  heldHours,
  hour,
  planned,
  snapshot,
} from '../../testing/a-ledger.ts'
import { assess } from './assess.ts'
import { hashInputs } from './inputs.ts'
import { planRun } from './plan.ts'

const silver = aPlanModel('silver', [edge('bronze', 'source')])
const gold = aPlanModel('gold', [edge('silver', 'model')])
const marts = aPlanModel('marts', [edge('silver', 'model')], { kind: 'table', grain: undefined })

const failed = (model: string, start: number): LedgerException => ({
  model,
  start,
  isPartial: false,
  failedWith: 'KX_SQL_FAILED',
  failure: 'no',
})

test('a parent that is not selected and failed blocks, whatever it still holds', () => {
  const ledger = snapshot(
    { bronze: { 0: 12, 1: 11 } },
    { silver: heldHours({ 0: 20, 1: 21 }, ['10', '11']) },
    { exceptions: [failed('silver', hour(0))] },
  )

  expect(planned([silver, gold], ledger, { selected: new Set(['gold']) })).toEqual([
    'gold@0 certain missing blocked by silver',
    'gold@1 certain missing',
  ])
})

test('a table needs no particular hours of what it reads, but some', () => {
  const some = snapshot({ bronze: { 0: 10, 1: 11 } }, { silver: heldHours({ 0: 20 }, ['10']) })

  expect(planned([silver, marts], some, { selected: new Set(['marts']) })).toEqual([
    'marts@once certain missing',
  ])
  expect(planned([silver, marts], snapshot({ bronze: { 0: 10 } }), { selected: new Set(['marts']) })).toEqual(
    ['marts@once certain missing blocked by silver'],
  )
})

test('a table is stale when any hour it reads has moved, and only then', () => {
  const read = String(
    hashInputs({ startsMs: [DAY], versions: [20] }, { startMs: DAY, endMs: DAY + 1 }, undefined),
  )
  const ledger = (version: number) =>
    snapshot(
      { bronze: { 0: 10 } },
      {
        silver: heldHours({ 0: version }, ['10']),
        marts: {
          starts: Float64Array.of(Number.NaN),
          versions: Float64Array.of(5),
          codeHashes: Float64Array.of(7),
          inputs: [read],
        },
      },
    )

  expect(planned([silver, marts], ledger(20))).toEqual([])
  expect(planned([silver, marts], ledger(21))).toEqual(['marts@once certain input'])
})

test('rows of the time when a table was built by the hour are not its own', () => {
  const ledger = snapshot({ bronze: { 0: 10 } }, { marts: heldHours({ 0: 20 }, ['10']) })

  expect(planned([aPlanModel('marts', [], { kind: 'table', grain: undefined })], ledger)).toEqual([
    'marts@once certain missing',
  ])
})

test('only the stale hours of an unselected parent that will be read are told', () => {
  const ledger = snapshot(
    { bronze: { 0: 10, 1: 12, 2: 13 } },
    { silver: heldHours({ 0: 20, 1: 21, 2: 22 }, ['10', '11', '11']) },
  )
  const plan = planRun(
    assess({ models: [silver, gold], ledger, nowMs: DAY + 9 * HOUR_MS, allowPartial: false }),
    {
      ...everything(gold),
      range: { startMs: DAY, endMs: DAY + 2 * HOUR_MS },
    },
  )

  expect([...plan.staleParents]).toEqual([['silver', 1]])
})

test('a window with hours ahead is due when they have settled', () => {
  const ahead = aPlanModel('ahead', [edge('bronze', 'source', { unit: 'hour', before: 24, after: 1 })])
  const ledger = snapshot({ bronze: { 0: 10 } })
  const at = (minutes: number) => planned([ahead], ledger, {}, DAY + minutes * 60_000)

  expect(at(122)).toEqual([])
  expect(at(123)).toEqual(['ahead@0 certain missing'])
})

test('an hour that reads whole days is due when the last of them has settled', () => {
  const wide = aPlanModel('wide', [edge('bronze', 'source', { unit: 'day', before: 1, after: 0 })])
  const before = aPlanModel('before', [edge('daily', 'model', { unit: 'day', before: 1, after: -1 }, 'day')])
  const daily = aPlanModel('daily', [edge('bronze', 'source')], { grain: 'day' })
  const ledger = snapshot({ bronze: { 0: 10, 30: 11 } })
  const at = (hours: number, ...models: (typeof wide)[]) =>
    planned(models, ledger, {}, DAY + hours * HOUR_MS + 180_000).length

  expect(at(23, wide)).toBe(0)
  expect(at(24, wide)).toBe(24)
  expect(at(25, wide)).toBe(24)
  expect(at(26, daily, before)).toBe(1 + 26)
})

test('a day begins where its model begins, in the middle of it too', () => {
  const hourly = aPlanModel('hourly', [edge('bronze', 'source')], { beginMs: DAY + 13 * HOUR_MS })
  const daily = aPlanModel('daily', [edge('hourly', 'model')], { grain: 'day' })
  const ledger = snapshot({ bronze: { 0: 10, 14: 11 } })

  expect(planned([hourly, daily], ledger)).toEqual([
    'hourly@13 certain missing',
    'hourly@14 certain missing',
    'daily@0 certain missing',
  ])
})

test('a day waits for each of its due hours', () => {
  const daily = aPlanModel('daily', [edge('silver', 'model')], { grain: 'day' })
  const ledger = snapshot({ bronze: { 0: 10, 1: 11 } }, { silver: heldHours({ 0: 20 }, ['10']) })

  expect(planned([silver, daily], ledger, { selected: new Set(['daily']) })).toEqual([
    'daily@0 certain missing blocked by silver',
  ])
  expect(planned([silver, daily], ledger)).toEqual(['silver@1 certain missing', 'daily@0 certain missing'])
})

test('what reads an hour that was pruned before it was built is frozen too', () => {
  const bare = snapshot({ bronze: { 0: 12, 1: 11 } })
  const sources = new Map([...bare.sources].map(([id, rows]) => [id, { ...rows, prunedStarts: [hour(0)] }]))
  const ledger = { ...bare, sources }

  expect(planned([silver, gold], ledger)).toEqual(['silver@1 certain missing', 'gold@1 certain missing'])
  expect(planned([silver, gold], ledger, { isForced: true })).toHaveLength(4)
})

test('the running hour is built only when asked for, again when its input moved, and again once due', () => {
  const partial = {
    model: 'silver',
    start: hour(1),
    isPartial: true,
    failedWith: undefined,
    failure: undefined,
  }
  const ledger = (bronze: number) =>
    snapshot(
      { bronze: { 0: 10, 1: bronze } },
      { silver: heldHours({ 0: 20, 1: 21 }, ['10', '11']) },
      { exceptions: [partial] },
    )
  const during = DAY + 1.5 * HOUR_MS

  expect(planned([silver], ledger(11), {}, during)).toEqual([])
  expect(planned([silver], ledger(12), {}, during)).toEqual([])
  expect(planned([silver], ledger(11), {}, during, true)).toEqual([])
  expect(planned([silver], ledger(12), {}, during, true)).toEqual(['silver@1 certain input'])
  expect(planned([silver], ledger(11), {}, DAY + 3 * HOUR_MS)).toEqual(['silver@1 certain partial'])
})

test('by state, within --from and --to', () => {
  const ledger = snapshot(
    { bronze: { 0: 10, 1: 12, 2: 12, 3: 13 } },
    { silver: heldHours({ 0: 20, 1: 21, 2: 22 }, ['10', '11', '11']) },
    { exceptions: [failed('silver', hour(2))] },
  )
  const within = { startMs: DAY + HOUR_MS, endMs: DAY + 3 * HOUR_MS }

  expect(planned([silver], ledger, { states: ['stale'] })).toEqual(['silver@1 certain input'])
  expect(planned([silver], ledger, { states: ['failed'] })).toEqual(['silver@2 certain failed'])
  expect(planned([silver], ledger, { states: ['missing'] })).toEqual(['silver@3 certain missing'])
  expect(planned([silver], ledger, { states: ['missing'], within })).toEqual([])
  expect(planned([silver], ledger, { within })).toEqual(['silver@1 certain input', 'silver@2 certain failed'])
})

test('a protected model counts its days as 24 hours each; late data is not held back', () => {
  const days = Array.from({ length: 31 }, (_, n) => n * 24)
  const bronze = Object.fromEntries(days.map((n) => [n, n + 1]))
  const daily = aPlanModel('daily', [edge('bronze', 'source')], { grain: 'day', isProtected: true })
  const read = aPlanModel('read', [edge('bronze', 'source')], { grain: 'day' })
  const held = Object.fromEntries(days.map((n) => [n, n + 2]))
  const ledger = snapshot({ bronze }, { daily: heldHours(held, days.map(String), 6) })

  const plan = planRun(
    assess({ models: [daily, read], ledger, nowMs: DAY + 2000 * HOUR_MS, allowPartial: false }),
    everything(daily, read),
  )

  expect(plan.models.map((one) => [one.model.id, one.partitions.length, one.protectedHours])).toEqual([
    ['daily', 0, 31],
    ['read', 31, 0],
  ])
})
