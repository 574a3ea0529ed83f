import { expect, test } from 'vitest'
import { HOUR_MS } from '../../base/index.ts'
import {
  aPlanModel as aModel,
  heldHours as built,
  DAY,
  edge,
  everything,
  hour,
  planned,
  snapshot,
} from '../../testing/a-ledger.ts'
import { assess } from './assess.ts'
import { hashInputs } from './inputs.ts'
import { planRun } from './plan.ts'
import { stepsOf } from './steps.ts'

const silver = aModel('silver', [edge('bronze', 'source')])
const gold = aModel('gold', [edge('silver', 'model')])

test('hours exist from the first to the last hour of the source, empty ones in between too', () => {
  expect(planned([silver], snapshot({ bronze: { 1: 10, 3: 11 } }))).toEqual([
    'silver@1 certain missing',
    'silver@2 certain missing',
    'silver@3 certain missing',
  ])
})

test('an hour is due when its end and the settle time are past', () => {
  const ledger = snapshot({ bronze: { 0: 10, 1: 11 } })

  expect(planned([silver], ledger, {}, DAY + 2 * HOUR_MS + 179_000)).toEqual(['silver@0 certain missing'])
  expect(planned([silver], ledger, {}, DAY + 2 * HOUR_MS + 180_000)).toHaveLength(2)
})

test('nothing is planned when every hour holds what its input is now', () => {
  const ledger = snapshot(
    { bronze: { 0: 10, 1: 11 } },
    { silver: built({ 0: 20, 1: 21 }, ['10', '11']), gold: built({ 0: 30, 1: 31 }, ['20', '21']) },
  )

  expect(planned([silver, gold], ledger)).toEqual([])
})

test('a late row makes its own hour stale, for certain, and what reads it possibly', () => {
  const ledger = snapshot(
    { bronze: { 0: 10, 1: 12 } },
    { silver: built({ 0: 20, 1: 21 }, ['10', '11']), gold: built({ 0: 30, 1: 31 }, ['20', '21']) },
  )

  expect(planned([silver, gold], ledger)).toEqual(['silver@1 certain input', 'gold@1 possible input'])
})

test('new code makes every hour stale', () => {
  const ledger = snapshot({ bronze: { 0: 10 } }, { silver: built({ 0: 20 }, ['10'], 6) })

  expect(planned([silver], ledger)).toEqual(['silver@0 certain code'])
})

test('a window of two hours makes the hour after a change stale too', () => {
  const wide = aModel('wide', [edge('silver', 'model', { unit: 'hour', before: 1, after: 0 })])
  const hash = (n: number) =>
    String(
      hashInputs(
        { startsMs: [DAY, DAY + HOUR_MS], versions: [20, 21] },
        { startMs: DAY + (n - 1) * HOUR_MS, endMs: DAY + (n + 1) * HOUR_MS },
        'hour',
      ),
    )
  const before = {
    silver: built({ 0: 20, 1: 21 }, ['10', '11']),
    wide: built({ 0: 40, 1: 41 }, [hash(0), hash(1)]),
  }

  expect(planned([silver, wide], snapshot({ bronze: { 0: 10, 1: 11 } }, before))).toEqual([])
  expect(planned([silver, wide], snapshot({ bronze: { 0: 12, 1: 11 } }, before))).toEqual([
    'silver@0 certain input',
    'wide@0 possible input',
    'wide@1 possible input',
  ])
})

test('a missing parent that is not selected blocks', () => {
  const ledger = snapshot({ bronze: { 0: 10 } })

  expect(planned([silver, gold], ledger, { selected: new Set(['gold']) })).toEqual([
    'gold@0 certain missing blocked by silver',
  ])
})

test('hours asked for are built whatever their state, and the rest is told', () => {
  const ledger = snapshot({ bronze: { 0: 10, 1: 11 } }, { silver: built({ 0: 20, 1: 21 }, ['10', '11']) })
  const range = { startMs: DAY, endMs: DAY + HOUR_MS }

  expect(planned([silver], ledger, { range })).toEqual(['silver@0 certain requested'])
})

test('a day that the range only touches is left, and told to be stale', () => {
  const daily = aModel('daily', [edge('silver', 'model')], { grain: 'day' })
  const assessed = assess({
    models: [silver, daily],
    ledger: snapshot({ bronze: { 0: 10, 1: 11 } }),
    nowMs: DAY + 100 * HOUR_MS,
    allowPartial: false,
  })

  const plan = planRun(assessed, {
    ...everything(silver, daily),
    range: { startMs: DAY, endMs: DAY + HOUR_MS },
  })

  expect(
    plan.models.map(({ model, partitions, leftStale }) => [model.id, partitions.length, leftStale.length]),
  ).toEqual([
    ['silver', 1, 0],
    ['daily', 0, 1],
  ])
})

test('a pruned input freezes the hour that has it', () => {
  const ledger = snapshot({ bronze: { 0: 12, 1: 11 } }, { silver: built({ 0: 20, 1: 21 }, ['10', '11']) })
  const sources = new Map([...ledger.sources].map(([id, rows]) => [id, { ...rows, prunedStarts: [hour(0)] }]))

  expect(planned([silver], { ...ledger, sources })).toEqual([])
  expect(planned([silver], { ...ledger, sources }, { isForced: true })).toEqual(['silver@0 certain input'])
})

test('an hour that reads its own past becomes stale when that past is rebuilt', () => {
  const chain = aModel('chain', [
    edge('bronze', 'source'),
    edge('chain', 'previous', { unit: 'hour', before: 1, after: 0 }),
  ])
  const ledger = snapshot({ bronze: { 0: 12, 1: 11 } }, { chain: built({ 0: 20, 1: 21 }, ['10:0', '11:20']) })

  expect(planned([chain], ledger)).toEqual(['chain@0 certain input', 'chain@1 possible input'])
})

test('a protected model keeps its hours when only its code changed, until somebody says yes', () => {
  const hours = Object.fromEntries(Array.from({ length: 721 }, (_, n) => [n, n + 1]))
  const inputs = Object.values(hours).map(String)
  const ledger = snapshot({ bronze: hours }, { silver: built(hours, inputs, 6) })
  const guarded = { ...silver, isProtected: true }
  const later = DAY + 1000 * HOUR_MS

  expect(planned([guarded], ledger, {}, later)).toHaveLength(0)
  expect(planned([guarded], ledger, { isConfirmed: true }, later)).toHaveLength(721)
})

test('neighbouring hours for one reason are one step, and each step waits for the steps it reads', () => {
  const hours = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [n, n + 1]))
  const plan = planRun(
    assess({
      models: [silver, gold],
      ledger: snapshot({ bronze: hours }),
      nowMs: DAY + 100 * HOUR_MS,
      allowPartial: false,
    }),
    everything(silver, gold),
  )

  expect(stepsOf(plan).map((s) => `${s.model.id} ×${s.partitions.length} ← ${s.needs.join(',')}`)).toEqual([
    'silver ×24 ← ',
    'silver ×6 ← ',
    'gold ×24 ← 0',
    'gold ×6 ← 1',
  ])
})

test('what is read whole and untracked is filled before', () => {
  const whole = aModel('whole', [edge('bronze', 'source'), edge('silver', 'none', 'none')], { batch: 1 })
  const ledger = snapshot({ bronze: { 0: 10, 1: 11 } })
  const plan = planRun(
    assess({ models: [silver, whole], ledger, nowMs: DAY + 100 * HOUR_MS, allowPartial: false }),
    everything(silver, whole),
  )

  expect(stepsOf(plan).map((s) => `${s.model.id} ← ${s.needs.join(',')} after ${s.after.join(',')}`)).toEqual(
    ['silver ←  after ', 'whole ←  after 0', 'whole ←  after 0'],
  )
})
