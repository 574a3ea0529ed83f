import { expect, test, vi } from 'vitest'
import { aKrakenFeed } from '../../testing/a-feed.ts'

vi.setConfig({ testTimeout: 20_000 })

test('pauses sockets when there is no room, hangs up after 10 s and says why, and comes back', async () => {
  const it = await aKrakenFeed({ 'BTC/USD': 'delivers' })
  await it.until('live', () => it.isLive())

  it.world.hasRoom = false
  const pausedMs = it.clock.monotonicMs()
  await it.until('closed', () => it.events().includes('disconnected backpressure'))
  expect(it.clock.monotonicMs() - pausedMs).toBeGreaterThan(9_000)
  const landed = it.candles().length
  await it.until('a while later', () => it.clock.monotonicMs() - pausedMs > 20_000)
  expect(it.candles().length).toBe(landed)
  expect(it.feed.status()).toMatchObject({ state: 'paused', connections: 0 })
  it.world.hasRoom = true

  await it.until('live again', () => it.isLive())
})

test('takes what waited in a socket that was paused for a moment', async () => {
  const it = await aKrakenFeed({ 'BTC/USD': 'delivers' })
  await it.until('live', () => it.isLive())

  it.world.hasRoom = false
  const pausedMs = it.clock.monotonicMs()
  await it.until('5 s later', () => it.clock.monotonicMs() - pausedMs > 5_000)
  it.world.hasRoom = true
  const before = it.candles().length
  await it.until('it goes on', () => it.candles().length > before + 5)

  expect(it.exchange.handshakes()).toBe(1)
  const sequences = it.candles().map(({ sequence }) => sequence ?? 0)
  expect(sequences).toEqual([...sequences].sort((a, b) => a - b))
})

test('leaves while it is told to, for a disk that is full, and comes back', async () => {
  const it = await aKrakenFeed({ 'BTC/USD': 'delivers' })
  await it.until('live', () => it.isLive())

  it.feed.pause('disk_full')
  expect(it.feed.status()).toMatchObject({ state: 'paused', connections: 0 })
  await it.until('gone', () => it.exchange.sockets.length === 0)
  it.feed.resume()

  await it.until('live again', () => it.isLive())
  expect(it.events()).toEqual(
    expect.arrayContaining(['disconnected disk_full', 'paused disk_full', 'resumed disk_full']),
  )
})

test('says how long it was up, up to its last frame, before it has stopped', async () => {
  const it = await aKrakenFeed({ 'BTC/USD': 'delivers' })
  await it.until('live', () => it.isLive())
  const fromMs = it.clock.now()
  await it.until('25 s later', () => it.clock.now() - fromMs > 25_000)

  await it.feed.stop('collector')

  const uptime = it.landed.filter(({ channel }) => channel === 'feed_uptime').map(({ fields }) => fields)
  const upMs = uptime.reduce(
    (sum, { up_from, up_to }) => sum + Date.parse(String(up_to)) - Date.parse(String(up_from)),
    0,
  )
  expect(uptime.length).toBeGreaterThanOrEqual(3)
  expect(upMs).toBeGreaterThan(20_000)
  expect(upMs).toBeLessThan(it.clock.now() - fromMs + 5_000)
  expect(uptime.at(-1)).toMatchObject({ channel: 'ohlc', symbol: null, cause: 'collector' })
  expect(it.events().at(-1)).toBe('disconnected collector')
  expect(it.feed.status()).toMatchObject({ state: 'stopped', connections: 0 })
})

test.each([3_600_000, -3_600_000, 2_000, -2_000])(
  'a clock that is set by %i ms is an event and nothing else',
  async (ms) => {
    const it = await aKrakenFeed({ 'BTC/USD': 'delivers' }, { pingEveryMs: 2_000 })
    await it.until('live', () => it.isLive())

    it.clock.setBy(ms)
    await it.until('noticed', () => it.events().includes('clock_jump collector'))
    const noticed = it.candles().length
    await it.until('it goes on', () => it.candles().length > noticed + 10)

    expect(it.exchange.handshakes()).toBe(1)
    const uptime = it.landed.filter(({ channel }) => channel === 'feed_uptime')
    for (const { fields } of uptime)
      expect(Date.parse(String(fields.up_to))).toBeGreaterThan(Date.parse(String(fields.up_from)))
  },
)

test("measures the exchange's clock by pongs", async () => {
  const it = await aKrakenFeed({ 'BTC/USD': 'delivers' })
  it.exchange.behaviour.skewMs = 40_000

  await it.until('measured', () => it.feed.status().clockOffsetMs !== undefined)

  // A round trip of the machine's 20 ms is a second of this clock.
  expect(it.feed.status().clockOffsetMs).toBeGreaterThan(36_000)
  expect(it.feed.status().clockOffsetMs).toBeLessThan(44_000)
})
