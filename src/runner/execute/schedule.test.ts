import { expect, test } from 'vitest'
import { HOUR_MS } from '../../base/index.ts'
import type { PlanModel, Step } from '../plan/index.ts'
import { openSchedule } from './schedule.ts'

/** Five years. */
const HOURS = 43_800

function aModel(id: string, parents: readonly string[]): PlanModel {
  return {
    id,
    kind: 'incremental',
    grain: 'hour',
    codeHash: 1,
    vars: {},
    edges: parents.map((parent) => ({
      edge: { kind: 'ref', parent, window: { unit: 'hour', before: 2, after: 0 } },
      from: 'model',
      parent,
      parentGrain: 'hour',
    })),
    batch: 1,
    beginMs: undefined,
    settleMs: 0,
    isProtected: false,
    hasPrevious: false,
  }
}

/** All hours of a model as one step. */
function aStep(index: number, model: PlanModel, needs: readonly number[]): Step {
  const partitions = Array.from({ length: HOURS }, (_, hour) => ({
    startMs: hour * HOUR_MS,
    endMs: (hour + 1) * HOUR_MS,
    reason: { kind: 'missing' } as const,
    certainty: 'certain' as const,
    state: 'missing' as const,
    isEarly: false,
    blockedBy: undefined,
  }))
  const range = { startMs: 0, endMs: HOURS * HOUR_MS, reason: { kind: 'missing' } as const }
  return { index, model, partitions, ...range, certainty: 'certain', needs, after: [], priority: -index }
}

test('a lost hour blocks those whose window holds it', () => {
  const steps = [aStep(0, aModel('s.parent', []), []), aStep(1, aModel('s.child', ['s.parent']), [0])]
  const schedule = openSchedule(steps)
  const [parent, child] = steps
  if (parent === undefined || child === undefined) throw new Error('no steps')
  schedule.lose(parent, [10 * HOUR_MS, 20 * HOUR_MS])

  const { blocked } = schedule.sortOut(child, child.partitions)

  expect(blocked.map(({ partition, by }) => `${partition.startMs / HOUR_MS} ${by}`)).toEqual(
    [10, 11, 12, 20, 21, 22].map((hour) => `${hour} s.parent`),
  )
})

test('five years of hours that a model loses block its descendants in no time', () => {
  const steps = [0, 1, 2, 3].map((i) =>
    aStep(i, aModel(`s.m${i}`, i === 0 ? [] : [`s.m${i - 1}`]), i === 0 ? [] : [i - 1]),
  )
  const schedule = openSchedule(steps)
  const startedMs = performance.now()
  for (let ready = schedule.next(); ready !== undefined; ready = schedule.next()) {
    const { free, blocked } = schedule.sortOut(ready.step, ready.partitions)
    const lost = [...free, ...blocked.map(({ partition }) => partition)]
    schedule.lose(
      ready.step,
      lost.map(({ startMs }) => startMs),
    )
    schedule.end(ready.step)
  }

  expect(schedule.open).toBe(0)
  expect(performance.now() - startedMs).toBeLessThan(3000)
})
