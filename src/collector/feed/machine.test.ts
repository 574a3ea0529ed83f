import { describe, expect, test } from 'vitest'
import { aLane } from '../../testing/a-lane.ts'
import { backoffMs } from './backoff.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe('a lane', () => {
  test('connects, subscribes and is live with the first data', () => {
    const lane = aLane({ world: { symbols: { BTC: 'delivers', ETH: 'delivers' } } })

    lane.feed({ type: 'start' })
    lane.run(2_000)

    expect(lane.story).toEqual(['0 connecting', '0 connected', '0 subscribed', '1 live'])
    expect(lane.lane().main?.phase).toBe('live')
  })

  test('gives up a handshake that nobody answers, and tries again', () => {
    const lane = aLane({ world: { symbols: { BTC: 'delivers' }, opens: 'never' } })

    lane.feed({ type: 'start' })
    lane.run(11_000)

    expect(lane.story).toEqual(['0 connecting', '10 connect_failed handshake_timeout', '10.5 connecting'])
  })

  test('leaves a connection whose socket says nothing at all', () => {
    const lane = aLane({ world: { symbols: { BTC: 'delivers' } } })
    lane.feed({ type: 'start' })
    lane.run(40_000)

    lane.world.isDown = true
    lane.run(10_500)

    expect(lane.story.slice(4)).toEqual([
      '50 disconnected silent_socket',
      '50.5 connecting',
      '50.5 connect_failed unreachable',
    ])
  })

  test('finds a subscription that is acknowledged and silent while heartbeats run: first it asks again, then it takes another connection', () => {
    const lane = aLane({ world: { symbols: { BTC: 'delivers', ETH: 'silent' } } })

    lane.feed({ type: 'start' })
    lane.run(25 * MINUTE)

    expect(lane.story.slice(4)).toEqual([
      '120 silent ETH',
      '120 resubscribed ETH silent',
      '240 silent ETH',
      '240 rotating silent_symbol',
      '240 connecting',
      '240 connected',
      '240 subscribed',
      '241 live',
      '241 rotated silent_symbol',
      '360 silent ETH',
      '360 resubscribed ETH silent',
      '480 silent ETH',
      '1380 silent ETH',
    ])
    expect(lane.open()).toBe(1)
  })

  test('lets a quiet coin be quiet', () => {
    const lane = aLane({ world: { symbols: { BTC: 'delivers', REKT: 'quiet' } } })

    lane.feed({ type: 'start' })
    lane.run(2 * HOUR)

    expect(lane.story.slice(4)).toEqual([])
    expect(lane.connects()).toBe(1)
  })

  test('names a rejected symbol at the start and every hour, and never reconnects for it', () => {
    const lane = aLane({ world: { symbols: { BTC: 'delivers', NOPE: 'rejected' } } })

    lane.feed({ type: 'start' })
    lane.run(2 * HOUR + MINUTE)

    expect(lane.story.filter((line) => line.includes('rejected'))).toEqual([
      '0 rejected NOPE rejected',
      '3600 rejected NOPE rejected',
      '7200 rejected NOPE rejected',
    ])
    expect(lane.connects()).toBe(1)
  })

  test('takes a symbol back that is not rejected any more', () => {
    const lane = aLane({ world: { symbols: { BTC: 'delivers', NEW: 'rejected' } } })
    lane.feed({ type: 'start' })
    lane.run(MINUTE)

    lane.world.symbols.NEW = 'delivers'
    lane.run(HOUR)

    expect(lane.lane().rejections.size).toBe(0)
    expect(lane.lane().main?.subscriptions.get('NEW')?.hasData).toBe(true)
  })

  test('does not keep a socket open for symbols that are all rejected', () => {
    const lane = aLane({ world: { symbols: { NOPE: 'rejected' } } })

    lane.feed({ type: 'start' })
    lane.run(3 * HOUR - MINUTE)

    expect(lane.connects()).toBe(3)
    expect(lane.open()).toBe(0)
  })

  test('asks again for a symbol whose subscription is not answered, and then leaves it for an hour', () => {
    const lane = aLane({ world: { symbols: { BTC: 'delivers', ODD: 'unanswered' } } })

    lane.feed({ type: 'start' })
    lane.run(30_000)

    expect(lane.story.slice(3)).toEqual([
      '10 resubscribed ODD ack_timeout',
      '20 subscribed',
      '20 rejected ODD rejected',
    ])
  })

  test('opens the next connection before the exchange hangs up, and closes the old one only when all is there', () => {
    const lane = aLane({
      world: { symbols: { BTC: 'delivers', ETH: 'delivers' } },
      rules: { lifetimeMs: 2 * HOUR },
      stepMs: 1000,
    })
    lane.feed({ type: 'start' })
    lane.run(110 * MINUTE)
    expect(lane.connects()).toBe(1)

    lane.run(8 * MINUTE)

    expect(lane.connects()).toBe(2)
    expect(lane.story.slice(4).map((line) => line.split(' ').slice(1).join(' '))).toEqual([
      'rotating lifetime',
      'connecting',
      'connected',
      'subscribed',
      'live',
      'rotated lifetime',
    ])
  })

  test('keeps the old connection while its successor cannot be opened', () => {
    const lane = aLane({ world: { symbols: { BTC: 'delivers' } } })
    lane.feed({ type: 'start' })
    lane.run(MINUTE)

    lane.world.opens = 'no'
    lane.feed({ type: 'shutdown', id: lane.lane().main?.id ?? -1 })
    lane.run(5 * MINUTE)

    expect(lane.open()).toBe(1)
    expect(lane.lane().main?.id).toBe(0)
    expect(lane.story).not.toContain('disconnected')
  })

  test('hands over to the successor when the exchange hangs up in between', () => {
    const lane = aLane({ world: { symbols: { BTC: 'delivers' } } })
    lane.feed({ type: 'start' })
    lane.run(MINUTE)
    lane.feed({ type: 'shutdown', id: 0 })

    lane.feed({
      type: 'connection',
      id: 0,
      event: { type: 'lost', end: { cause: 'closed', details: undefined } },
    })
    lane.run(2_000)

    expect(lane.lane().main).toMatchObject({ id: 1, phase: 'live' })
  })

  test('is failed after ten attempts, tries every 15 minutes for ever, and recovers', () => {
    const lane = aLane({ world: { symbols: { BTC: 'delivers' }, opens: 'no' } })
    lane.feed({ type: 'start' })
    lane.run(HOUR)
    const before = lane.connects()

    lane.run(5 * HOUR)
    expect(lane.connects() - before).toBe(20)
    lane.world.opens = 'yes'
    lane.run(16 * MINUTE)

    expect(
      lane.story.filter((line) => line.includes('failed unreachable') && !line.includes('connect_')),
    ).toHaveLength(1)
    expect(lane.lane()).toMatchObject({ attempts: 0, main: { phase: 'live' } })
  })

  test('does not come back at full speed to an exchange that accepts and drops', () => {
    const lane = aLane({ world: { symbols: { BTC: 'delivers' } } })
    lane.feed({ type: 'start' })

    for (let i = 0; i < 12; i++) {
      while (lane.lane().main?.firstDataMs === undefined) lane.run(250)
      const id = lane.lane().main?.id ?? -1
      lane.feed({
        type: 'connection',
        id,
        event: { type: 'lost', end: { cause: 'lost', details: undefined } },
      })
    }

    expect(lane.nowMs()).toBeGreaterThan(15 * MINUTE)
  })

  test('waits five seconds after maintenance', () => {
    const lane = aLane({ world: { symbols: { BTC: 'delivers' } } })
    lane.feed({ type: 'start' })
    lane.run(MINUTE)

    lane.feed({ type: 'status', id: 0, status: 'maintenance' })
    lane.feed({
      type: 'connection',
      id: 0,
      event: { type: 'lost', end: { cause: 'lost', details: undefined } },
    })
    lane.run(10_000)

    expect(lane.story.slice(4)).toEqual([
      '60 status maintenance',
      '60 disconnected lost',
      '65 connecting',
      '65 connected',
      '65 subscribed',
      '66 live',
    ])
  })

  test('waits as long as the exchange asks it to', () => {
    const lane = aLane({ world: { symbols: { BTC: 'delivers' }, opens: 'never' } })
    lane.feed({ type: 'start' })

    const end = { cause: 'handshake_refused', details: { status: 429 }, retryAfterMs: 90_000 }
    lane.feed({ type: 'connection', id: 0, event: { type: 'lost', end } })
    lane.run(100_000)

    expect(lane.story).toEqual([
      '0 connecting',
      '0 connect_failed handshake_refused',
      '90 connecting',
      '100 connect_failed handshake_timeout',
    ])
  })

  test('has no connection while it is held, and one again at once afterwards', () => {
    const lane = aLane({ world: { symbols: { BTC: 'delivers' } } })
    lane.feed({ type: 'start' })
    lane.run(MINUTE)

    lane.feed({ type: 'hold', cause: 'disk_full' })
    lane.run(HOUR)
    expect(lane.open()).toBe(0)
    lane.feed({ type: 'release', cause: 'disk_full' })
    lane.run(2_000)

    expect(lane.lane().main?.phase).toBe('live')
  })

  test('leaves alone what delivers, whatever a list says, and subscribes what is listed again', () => {
    const lane = aLane({
      world: { symbols: { BTC: 'delivers', OLD: 'silent' } },
      rules: { acksSymbols: false },
    })
    lane.feed({ type: 'start' })
    lane.run(MINUTE)

    lane.feed({
      type: 'listed',
      missing: new Map([
        ['BTC', 'not listed'],
        ['OLD', 'not listed'],
      ]),
    })
    expect([...(lane.lane().main?.subscriptions.keys() ?? [])]).toEqual(['BTC'])
    lane.feed({ type: 'listed', missing: new Map() })

    expect([...(lane.lane().main?.subscriptions.keys() ?? [])]).toEqual(['BTC', 'OLD'])
    expect(lane.story.slice(4)).toEqual(['60 rejected OLD unlisted'])
  })
})

test.each([
  [1, 0.999, 1_000],
  [4, 0.999, 8_000],
  [9, 0.999, 60_000],
  [9, 0, 0],
  [10, 0.5, 900_000],
  [1_000_000, 0.5, 900_000],
])('after %i attempts, at chance %f, the wait is at most %i ms', (attempts, random, most) => {
  expect(backoffMs(attempts, random)).toBeLessThanOrEqual(most)
  expect(backoffMs(attempts, random)).toBeGreaterThanOrEqual(most * random * 0.99)
})
