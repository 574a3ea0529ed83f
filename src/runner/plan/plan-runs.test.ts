import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aPlanModel, edge } from '../../testing/a-ledger.ts'
import { aSimulation, type Simulation } from '../../testing/a-simulation.ts'
import type { Window } from '../model/index.ts'
import type { Plan } from './plan.ts'
import type { PlanEdge, PlanModel } from './plan-model.ts'

/** Long enough for three days and what hangs over. */
const HOURS = 80
const SOURCES = ['ticks', 'trades']

type Shape = 'hour' | 'day' | 'once'

interface ModelSketch {
  readonly shape: Shape
  readonly reads: readonly { readonly parent: number; readonly window: number }[]
  readonly previousHours: number
  readonly beginHour: number | undefined
}

const HOURLY_WINDOWS: readonly (Window | 'own' | 'none')[] = [
  'own',
  'own',
  'none',
  { unit: 'hour', before: 1, after: 0 },
  { unit: 'hour', before: 24, after: 1 },
  { unit: 'hour', before: 3, after: -2 },
  { unit: 'day', before: 0, after: 0 },
]
const OF_DAYS_BY_HOUR: readonly (Window | 'none')[] = ['none', { unit: 'day', before: 1, after: -1 }]
const OF_DAYS_BY_DAY: readonly (Window | 'own')[] = ['own', { unit: 'day', before: 2, after: 0 }]

const sketches = fc.array(
  fc.record({
    shape: fc.constantFrom<Shape>('hour', 'hour', 'hour', 'day', 'once'),
    reads: fc.array(fc.record({ parent: fc.nat(9), window: fc.nat(9) }), { minLength: 1, maxLength: 3 }),
    previousHours: fc.constantFrom(0, 0, 1, 3),
    beginHour: fc.constantFrom(undefined, undefined, 13),
  }),
  { minLength: 1, maxLength: 5 },
)

/** Turns sketches into models whose windows fit their parents. */
function modelsOf(drawn: readonly ModelSketch[], codeHashes: ReadonlyMap<number, number>): PlanModel[] {
  const models: PlanModel[] = []
  drawn.forEach(({ shape, reads, previousHours, beginHour }, index) => {
    const grain = shape === 'once' ? undefined : shape
    const parents = [...SOURCES, ...models.map(({ id }) => id)]
    const edges: PlanEdge[] = reads.map(({ parent: n, window: w }, i) => {
      // The first is tracked, so that the model has hours.
      const parent = parents[n % parents.length] ?? 'ticks'
      const known = models.find(({ id }) => id === parent)
      const parentGrain = known === undefined ? 'hour' : known.grain
      const windows = windowsFor(grain, parentGrain)
      const window = windows[w % windows.length] ?? 'own'
      return i === 0
        ? edge(SOURCES[n % SOURCES.length] ?? 'ticks', 'source')
        : edge(parent, known === undefined ? 'source' : 'model', window, parentGrain)
    })
    const id = `m${index}`
    const hasPrevious = shape === 'hour' && previousHours > 0
    if (hasPrevious)
      edges.push(edge(id, 'previous', { unit: 'hour', before: previousHours, after: 0 }, 'hour'))
    const isOwn = !hasPrevious && edges.every(({ edge: { window } }) => window === 'own')
    models.push(
      aPlanModel(id, edges, {
        kind: grain === undefined ? 'table' : 'incremental',
        grain,
        batch: isOwn ? 24 : 1,
        codeHash: codeHashes.get(index) ?? 7,
        beginMs: beginHour === undefined ? undefined : Date.parse(`2024-05-01T${beginHour}:00:00Z`),
        hasPrevious,
      }),
    )
  })
  return models
}

function windowsFor(grain: PlanModel['grain'], parentGrain: PlanModel['grain']) {
  if (grain === undefined || parentGrain === undefined) return ['own', 'none'] as const
  if (parentGrain === 'hour') return HOURLY_WINDOWS
  return grain === 'hour' ? OF_DAYS_BY_HOUR : OF_DAYS_BY_DAY
}

const change = fc.oneof(
  fc.record({ source: fc.constantFrom(...SOURCES), hour: fc.nat(HOURS - 5) }),
  fc.record({ model: fc.nat(4) }),
)

const scenario = fc.record({
  sketches,
  coarse: fc.constantFrom(2, 1000),
  first: fc.array(fc.nat(HOURS - 5), { minLength: 1, maxLength: 8 }),
  rounds: fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
  seed: fc.nat(),
})

const keysOf = (plan: Plan, certainty?: 'certain' | 'possible') =>
  plan.models.flatMap(({ model, partitions }) =>
    partitions
      .filter((p) => certainty === undefined || p.certainty === certainty)
      .map(
        (p) =>
          `${model.id}@${Number.isNaN(p.startMs) ? 'once' : (p.startMs - Date.parse('2024-05-01T00:00:00Z')) / 3_600_000}`,
      ),
  )

/** A number below `length` that only the seed decides. */
function picker(seed: number): (length: number) => number {
  let state = seed >>> 0
  return (length) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % length
  }
}

function play(
  drawn: typeof scenario extends fc.Arbitrary<infer T> ? T : never,
  seed: number,
  check: boolean,
) {
  const codeHashes = new Map<number, number>()
  const market: Simulation = aSimulation(() => modelsOf(drawn.sketches, codeHashes), {
    hoursLong: HOURS,
    coarse: drawn.coarse,
  })
  const pick = picker(seed)
  for (const hour of drawn.first) for (const source of SOURCES) market.feed(source, hour)
  market.run(market.plan(), pick)
  for (const changes of [[], ...drawn.rounds]) {
    for (const one of changes) {
      if ('model' in one) codeHashes.set(one.model, (codeHashes.get(one.model) ?? 7) + 1)
      else market.feed(one.source, one.hour)
    }
    const plan = market.plan()
    const rebuilt = market.run(plan, pick)
    if (!check) continue
    // What is certain is rebuilt, what is rebuilt was planned, and nothing is left.
    expect(rebuilt).toEqual(expect.arrayContaining(keysOf(plan, 'certain')))
    expect(keysOf(market.plan())).toEqual([])
  }
  return market.contents()
}

test('whatever changes, one run makes everything current, and builds nothing that was not planned', () => {
  fc.assert(
    fc.property(scenario, (drawn) => {
      play(drawn, drawn.seed, true)
    }),
    { numRuns: 60 },
  )
})

test('the order in which steps happen to run decides nothing', () => {
  fc.assert(
    fc.property(scenario, fc.nat(), (drawn, other) => {
      expect(play(drawn, drawn.seed, false)).toEqual(play(drawn, other, false))
    }),
    { numRuns: 30 },
  )
})
