import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { aLane } from '../../testing/a-lane.ts'
import type { LaneEvent } from './machine-types.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

vi.setConfig({ testTimeout: 30_000 })

const symbol = fc.constantFrom('BTC', 'ETH', 'XRP')
const cause = fc.constantFrom('lost', 'disk_full', 'backpressure')
const connectionEvent = fc.oneof(
  fc.record({ type: fc.constant('granted' as const) }),
  fc.record({ type: fc.constant('opened' as const), symbols: fc.constant([]) }),
  fc.record({
    type: fc.constant('lost' as const),
    end: fc.record({ cause, details: fc.constant(undefined) }),
  }),
  fc.record({ type: fc.constantFrom('sent' as const, 'acknowledged' as const), symbols: fc.array(symbol) }),
  fc.record({ type: fc.constant('rejected' as const), symbols: fc.array(symbol), reason: fc.string() }),
  fc.record({ type: fc.constant('data' as const), symbol }),
  fc.record({
    type: fc.constant('probed' as const),
    symbol,
    ageMs: fc.nat(1_000_000),
    answer: fc.option(fc.record({ hadTrades: fc.boolean(), isAllHeld: fc.boolean() }), { nil: undefined }),
  }),
  fc.record({
    type: fc.constantFrom('subscribe' as const, 'unsubscribe' as const),
    symbols: fc.array(symbol),
  }),
)
const laneEvent: fc.Arbitrary<LaneEvent | number> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('connection' as const), id: fc.nat(6), event: connectionEvent }),
  },
  { weight: 3, arbitrary: fc.nat(450).map((steps) => steps * 4000) },
  fc.record({
    type: fc.constant('status' as const),
    id: fc.nat(6),
    status: fc.constantFrom('online', 'maintenance'),
  }),
  fc.record({ type: fc.constant('shutdown' as const), id: fc.nat(6) }),
  fc.record({ type: fc.constantFrom('hold' as const, 'release' as const), cause }),
  fc
    .array(symbol)
    .map((missing) => ({ type: 'listed' as const, missing: new Map(missing.map((one) => [one, 'gone'])) })),
)
const mood = fc.record({
  opens: fc.constantFrom('yes' as const, 'no' as const, 'never' as const),
  isDown: fc.boolean(),
  kinds: fc.array(
    fc.constantFrom(
      'delivers' as const,
      'silent' as const,
      'rejected' as const,
      'unanswered' as const,
      'quiet' as const,
    ),
    { minLength: 3, maxLength: 3 },
  ),
})

test('whatever happened before, a lane is live again soon after the exchange behaves', () => {
  fc.assert(
    fc.property(mood, fc.array(laneEvent, { maxLength: 25 }), ({ opens, isDown, kinds }, events) => {
      const lane = aLane({
        stepMs: 4000,
        world: {
          opens,
          isDown,
          symbols: { BTC: kinds[0] ?? 'quiet', ETH: kinds[1] ?? 'quiet', XRP: kinds[2] ?? 'quiet' },
        },
        rules: { lifetimeMs: 10 * MINUTE },
      })
      lane.feed({ type: 'start' })
      for (const event of events) {
        if (typeof event === 'number') lane.run(event)
        else lane.feed(event)
      }

      Object.assign(lane.world, { opens: 'yes', isDown: false })
      for (const name of ['BTC', 'ETH', 'XRP']) lane.world.symbols[name] = 'delivers'
      lane.feed({ type: 'listed', missing: new Map() })
      for (const held of [...lane.lane().holds]) lane.feed({ type: 'release', cause: held })
      lane.run(HOUR + 20 * MINUTE)

      expect(lane.lane().main?.phase).toBe('live')
      expect(
        [...(lane.lane().main?.subscriptions ?? [])]
          .filter(([, one]) => one.hasData)
          .map(([name]) => name)
          .sort(),
      ).toEqual(['BTC', 'ETH', 'XRP'])
      expect(lane.open()).toBeLessThanOrEqual(2)
    }),
    { numRuns: 40 },
  )
})

test('an exchange that never answers is asked at least every 16 minutes, for ever', () => {
  fc.assert(
    fc.property(fc.array(laneEvent, { maxLength: 15 }), (events) => {
      const lane = aLane({
        stepMs: 4000,
        world: { opens: 'never', symbols: { BTC: 'delivers', ETH: 'delivers', XRP: 'delivers' } },
      })
      lane.feed({ type: 'start' })
      for (const event of events) {
        if (typeof event === 'number') lane.run(event)
        else lane.feed(event)
      }
      lane.feed({ type: 'listed', missing: new Map() })
      for (const held of [...lane.lane().holds]) lane.feed({ type: 'release', cause: held })
      lane.run(HOUR + 16 * MINUTE)
      const before = lane.connects()

      lane.run(16 * MINUTE)

      expect(lane.connects()).toBeGreaterThan(before)
    }),
    { numRuns: 40 },
  )
})

test('a stopped lane has no connection and never opens one', () => {
  fc.assert(
    fc.property(
      fc.array(laneEvent, { maxLength: 15 }),
      fc.array(laneEvent, { maxLength: 15 }),
      (before, after) => {
        const lane = aLane({
          stepMs: 4000,
          world: { symbols: { BTC: 'delivers', ETH: 'delivers', XRP: 'delivers' } },
        })
        lane.feed({ type: 'start' })
        for (const event of before) typeof event === 'number' ? lane.run(event) : lane.feed(event)

        lane.feed({ type: 'stop', cause: 'collector' })
        const connects = lane.connects()
        for (const event of after) typeof event === 'number' ? lane.run(event) : lane.feed(event)

        expect(lane.lane()).toMatchObject({ main: undefined, heir: undefined })
        expect(lane.connects()).toBe(connects)
      },
    ),
    { numRuns: 40 },
  )
})
