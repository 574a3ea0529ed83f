import { expect, test } from 'vitest'
import { aLane } from '../../testing/a-lane.ts'
import { awaitsData } from './connection.ts'

const MINUTE = 60_000

/** A lane with a symbol that was quiet for 50 minutes: it is looked at every quarter of an hour only, next at 61. */
function aQuietLane() {
  const lane = aLane({ world: { symbols: { BTC: 'delivers', REKT: 'delivers' } } })
  lane.feed({ type: 'start' })
  lane.run(5_000)
  lane.world.symbols.REKT = 'quiet'
  lane.run(50 * MINUTE)
  return lane
}

test('a quiet coin that traded and then dies is found as soon as any other', () => {
  const lane = aQuietLane()
  lane.world.symbols.REKT = 'delivers'
  lane.run(5_000)

  lane.world.symbols.REKT = 'silent'
  lane.run(3 * MINUTE)

  expect(lane.story.filter((line) => line.includes('REKT'))).toEqual([
    expect.stringMatching(/ silent REKT$/),
    expect.stringMatching(/ resubscribed REKT silent$/),
  ])
})

test('of a quiet coin the first data are awaited, and of one that trades no more', () => {
  const lane = aQuietLane()
  const isAwaited = (symbol: string) => {
    const { main } = lane.lane()
    return main !== undefined && awaitsData(main, symbol)
  }
  expect([isAwaited('REKT'), isAwaited('BTC')]).toEqual([true, false])

  lane.world.symbols.REKT = 'delivers'
  lane.run(2_000)

  expect(isAwaited('REKT')).toBe(false)
})
