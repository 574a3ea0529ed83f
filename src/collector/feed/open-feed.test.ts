import { expect, test, vi } from 'vitest'
import { type AFeed, aFastClock, aFeed } from '../../testing/a-feed.ts'
import { aFeedExchange, type FeedExchangeBehaviour, krakenCandle } from '../../testing/a-feed-exchange.ts'
import type { FeedLimits } from '../exchange/mapper.ts'

/** 25 s of a feed are one of the machine's. */
const FACTOR = 25
/** Patient enough for a machine that is busy with other tests. */
const QUICK: Partial<FeedLimits> = { silenceMs: 60_000, quietMs: 20_000 }

vi.setConfig({ testTimeout: 20_000 })

async function onKraken(symbols: FeedExchangeBehaviour['symbols'], limits: Partial<FeedLimits> = {}) {
  const clock = aFastClock(FACTOR)
  const exchange = await aFeedExchange({ speaks: 'kraken', symbols, now: clock.now })
  return { clock, exchange, ...aFeed({ exchange, clock, limits: { ...QUICK, ...limits } }) }
}

const isLive = (one: Pick<AFeed, 'feed'>) => one.feed.status().state === 'live'
const candles = ({ landed }: Pick<AFeed, 'landed'>) => landed.filter(({ channel }) => channel === 'ohlc')

test('lands candles under one feed id, counted from 0, and says that it is live', async () => {
  const it = await onKraken({ 'BTC/USD': 'delivers', 'ETH/USD': 'delivers' })

  await it.until('both deliver', () => it.feed.status().symbolsLive === 2)

  expect(it.feed.status()).toMatchObject({
    exchange: 'kraken',
    kind: 'candles',
    state: 'live',
    connections: 1,
    symbolsStale: [],
    symbolsRejected: [],
    deadLetters: 0,
  })
  expect(Object.keys(it.feed.status().dataAgeS).sort()).toEqual(['BTC-USD/USD', 'ETH-USD/USD'])
  expect(new Set(candles(it).map(({ feed_id }) => feed_id))).toEqual(new Set(['c1-b1-0-kraken-0']))
  expect(candles(it)[0]).toMatchObject({ fields: { native_symbol: 'BTC/USD', quote_asset: 'USD' } })
  expect(it.events().slice(0, 3)).toEqual(['connecting', 'connected', 'live'])
  expect(it.reports).toMatchObject([{ kind: 'connect', status: 101 }])
})

test('comes back when the exchange hangs up, as another feed that is counted from 0 again', async () => {
  const it = await onKraken({ 'BTC/USD': 'delivers' })
  await it.until('live', () => isLive(it))

  it.exchange.sockets[0]?.close(1012, 'service restart')
  await it.until('another feed delivers', () => candles(it).some(({ feed_id }) => feed_id.endsWith('-1')))

  const first = it.landed.find(({ channel, feed_id }) => channel === 'ohlc' && feed_id.endsWith('-1'))
  expect(first?.sequence).toBeLessThan(5)
  expect(it.events()).toContain('disconnected closed_by_exchange')
  expect(it.feed.status().reconnectsByCause).toEqual({ closed_by_exchange: 1 })
})

test('leaves a socket that is half open', async () => {
  const it = await onKraken({ 'BTC/USD': 'delivers' }, { silenceMs: 10_000 })
  await it.until('live', () => isLive(it))

  it.exchange.behaviour.isFrozen = true
  await it.until('it hangs up', () => it.events().includes('disconnected silent_socket'))
  it.exchange.behaviour.isFrozen = false

  await it.until('live again', () => isLive(it))
})

test('finds the symbol that is acknowledged and silent while heartbeats run, and only that', async () => {
  const it = await onKraken({ 'BTC/USD': 'delivers', 'ETH/USD': 'silent' })
  it.world.hadTrades = true
  await it.until('asked for again', () => it.events().includes('resubscribed ETH/USD silent'))
  expect(it.feed.status().symbolsStale).toEqual(['ETH-USD/USD'])

  await it.until('another connection', () => it.events().includes('rotated silent_symbol'))
  it.exchange.behaviour.symbols['ETH/USD'] = 'delivers'

  await it.until('both deliver', () => it.feed.status().symbolsLive === 2)
  expect(it.events().filter((event) => event.startsWith('disconnected'))).toEqual([])
})

test('lets a coin without trades be quiet', async () => {
  const it = await onKraken({ 'BTC/USD': 'delivers', 'REKT/USD': 'silent' })

  await it.until('it asked twice', () => it.probes.length >= 2)

  expect(it.exchange.handshakes()).toBe(1)
  expect(it.events()).toEqual(['connecting', 'connected', 'live'])
})

test('asks again later when nobody can tell whether a silent coin had trades', async () => {
  const it = await onKraken({ 'BTC/USD': 'delivers', 'REKT/USD': 'silent' })
  it.world.hadTrades = undefined

  await it.until('it asked twice', () => it.probes.length >= 2)

  expect(it.events()).toEqual(['connecting', 'connected', 'live'])
})

test('names a symbol that the exchange rejects, and goes on with the others', async () => {
  const it = await onKraken({ 'BTC/USD': 'delivers', 'XBT/USD': 'rejected' })

  await it.until('live', () => isLive(it) && it.feed.status().symbolsRejected.length === 1)

  expect(it.feed.status().symbolsRejected).toEqual([
    { symbol: 'XBT-USD/USD', reason: 'Currency pair not supported XBT/USD' },
  ])
  expect(it.events()).toContain('rejected XBT/USD rejected')
  expect(it.logs.join('\n')).toContain('kraken XBT/USD: rejected')
  expect(it.exchange.handshakes()).toBe(1)
})

test('answers the pings of the exchange', async () => {
  const it = await onKraken({ 'BTC/USD': 'delivers' })
  await it.until('live', () => isLive(it))

  let answer = ''
  it.exchange.sockets[0]?.on('pong', (data) => {
    answer = data.toString()
  })
  it.exchange.sockets[0]?.ping('1633998301755')

  await it.until('a pong', () => answer === '1633998301755')
})

test.each([
  ['not JSON', 'xx{'],
  ['JSON of nothing known', '{"channel":"ohlc","data":[{"symbol":17}]}'],
  ['deep', `${'['.repeat(50_000)}`],
  ['null', 'null'],
])('puts a frame that is %s into dead letters and goes on', async (_, frame) => {
  const it = await onKraken({ 'BTC/USD': 'delivers' })
  await it.until('live', () => isLive(it))

  it.exchange.send(frame)
  await it.until('a dead letter', () => it.feed.status().deadLetters === 1)

  expect(it.landed.some(({ folder }) => folder.startsWith('dead-letters/exchange=kraken/'))).toBe(true)
  expect(it.exchange.handshakes()).toBe(1)
})

test.each([
  ['is not UTF-8', Buffer.from([0xc3, 0x28, 0xa0, 0xff])],
  ['is larger than any frame', Buffer.alloc(17 * 1024 * 1024, 'x')],
])('survives a frame that %s: the connection is over, the feed is not', async (_, frame) => {
  const it = await onKraken({ 'BTC/USD': 'delivers' })
  await it.until('live', () => isLive(it))

  it.exchange.send(frame)
  await it.until('it hangs up', () => it.events().includes('disconnected bad_frame'))

  await it.until('live again', () => isLive(it))
})

test('tells the broker of a handshake that is refused, and waits as long as it is asked to', async () => {
  const it = await onKraken({ 'BTC/USD': 'delivers' })
  await it.until('live', () => isLive(it))
  it.exchange.behaviour.handshake = { status: 429, retryAfter: '60' }
  const refusedMs = it.clock.monotonicMs()

  it.exchange.sockets[0]?.terminate()
  await it.until('refused', () => it.events().includes('connect_failed handshake_refused'))
  it.exchange.behaviour.handshake = 'accept'
  await it.until('live again', () => isLive(it))

  expect(it.reports).toContainEqual(
    expect.objectContaining({ kind: 'connect', status: 429, retryAfterMs: 60_000 }),
  )
  expect(it.clock.monotonicMs() - refusedMs).toBeGreaterThan(60_000)
})

test('gives up a handshake that is never answered', async () => {
  const clock = aFastClock(FACTOR)
  const exchange = await aFeedExchange({
    speaks: 'kraken',
    symbols: { 'BTC/USD': 'delivers' },
    now: clock.now,
  })
  exchange.behaviour.handshake = 'hang'
  const it = aFeed({ exchange, clock, limits: QUICK })

  await it.until('it gives up', () => it.events().includes('connect_failed handshake_timeout'))
  exchange.behaviour.handshake = 'accept'

  await it.until('live', () => isLive(it))
})

test('splits instruments over as many connections as the exchange calls for', async () => {
  const symbols = Object.fromEntries(
    ['A', 'B', 'C', 'D', 'E'].map((base) => [`${base}/USD`, 'delivers' as const]),
  )
  const it = await onKraken(symbols, { symbolsPerConnection: 2 })

  await it.until('all deliver', () => it.feed.status().symbolsLive === 5)

  expect(it.feed.status().connections).toBe(3)
})

test('opens the next connection before the old one is closed, so that nothing is missed', async () => {
  const it = await onKraken({ 'BTC/USD': 'delivers' }, { lifetimeMs: 60_000 })
  let most = 0
  let fewest = 1
  await it.until('live', () => isLive(it))

  await it.until('replaced', () => {
    most = Math.max(most, it.exchange.sockets.length)
    fewest = Math.min(fewest, it.exchange.sockets.length)
    return it.events().includes('rotated lifetime')
  })

  expect([fewest, most]).toEqual([1, 2])
  expect(it.events().filter((event) => event.startsWith('disconnected'))).toEqual([])
  const first = it.landed.findIndex(({ channel, feed_id }) => channel === 'ohlc' && feed_id.endsWith('-1'))
  const rotated = it.landed.findIndex(({ fields }) => fields.event === 'rotated')
  expect(first).toBeGreaterThan(0)
  expect(first).toBeLessThan(rotated)
})

test('pauses sockets when there is no room, hangs up after 10 s and says why, and comes back', async () => {
  const it = await onKraken({ 'BTC/USD': 'delivers' })
  await it.until('live', () => isLive(it))

  it.world.hasRoom = false
  const pausedMs = it.clock.monotonicMs()
  await it.until('closed', () => it.events().includes('disconnected backpressure'))
  expect(it.clock.monotonicMs() - pausedMs).toBeGreaterThan(9_000)
  const landed = candles(it).length
  await it.until('a while later', () => it.clock.monotonicMs() - pausedMs > 20_000)
  expect(candles(it).length).toBe(landed)
  expect(it.feed.status()).toMatchObject({ state: 'paused', connections: 0 })
  it.world.hasRoom = true

  await it.until('live again', () => isLive(it))
})

test('takes what waited in a socket that was paused for a moment', async () => {
  const it = await onKraken({ 'BTC/USD': 'delivers' })
  await it.until('live', () => isLive(it))

  it.world.hasRoom = false
  const pausedMs = it.clock.monotonicMs()
  await it.until('5 s later', () => it.clock.monotonicMs() - pausedMs > 5_000)
  it.world.hasRoom = true
  const before = candles(it).length
  await it.until('it goes on', () => candles(it).length > before + 5)

  expect(it.exchange.handshakes()).toBe(1)
  const sequences = candles(it).map(({ sequence }) => sequence ?? 0)
  expect(sequences).toEqual([...sequences].sort((a, b) => a - b))
})

test('leaves while it is told to, for a disk that is full, and comes back', async () => {
  const it = await onKraken({ 'BTC/USD': 'delivers' })
  await it.until('live', () => isLive(it))

  it.feed.pause('disk_full')
  expect(it.feed.status()).toMatchObject({ state: 'paused', connections: 0 })
  await it.until('gone', () => it.exchange.sockets.length === 0)
  it.feed.resume()

  await it.until('live again', () => isLive(it))
  expect(it.events()).toEqual(
    expect.arrayContaining(['disconnected disk_full', 'paused disk_full', 'resumed disk_full']),
  )
})

test('says how long it was up, up to its last frame, before it has stopped', async () => {
  const it = await onKraken({ 'BTC/USD': 'delivers' })
  await it.until('live', () => isLive(it))
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
    const it = await onKraken({ 'BTC/USD': 'delivers' }, { pingEveryMs: 2_000 })
    await it.until('live', () => isLive(it))

    it.clock.setBy(ms)
    await it.until('noticed', () => it.events().includes('clock_jump collector'))
    const noticed = candles(it).length
    await it.until('it goes on', () => candles(it).length > noticed + 10)

    expect(it.exchange.handshakes()).toBe(1)
    const uptime = it.landed.filter(({ channel }) => channel === 'feed_uptime')
    for (const { fields } of uptime)
      expect(Date.parse(String(fields.up_to))).toBeGreaterThan(Date.parse(String(fields.up_from)))
  },
)

test("measures the exchange's clock by pongs", async () => {
  const it = await onKraken({ 'BTC/USD': 'delivers' })
  it.exchange.behaviour.skewMs = 40_000

  await it.until('measured', () => it.feed.status().clockOffsetMs !== undefined)

  // A round trip of the machine's 20 ms is a second of this clock.
  expect(it.feed.status().clockOffsetMs).toBeGreaterThan(36_000)
  expect(it.feed.status().clockOffsetMs).toBeLessThan(44_000)
})

test('sends no faster than the exchange allows', async () => {
  const symbols = Object.fromEntries(Array.from({ length: 350 }, (_, i) => [`C${i}/USD`, 'silent' as const]))
  const it = await onKraken(
    { ...symbols, 'BTC/USD': 'delivers' },
    { sendEveryMs: 5_000, silenceMs: 60_000, pingEveryMs: undefined },
  )
  const fromMs = it.clock.monotonicMs()

  await it.until('all are asked for', () => it.exchange.received.length === 4)

  expect(it.clock.monotonicMs() - fromMs).toBeGreaterThan(14_000)
})

test('every frame of a burst is landed, under a place of its own', async () => {
  const it = await onKraken({ 'BTC/USD': 'delivers' })
  await it.until('live', () => isLive(it))
  it.exchange.behaviour.symbols['BTC/USD'] = 'silent'

  const before = candles(it).length
  for (let i = 0; i < 1000; i++) it.exchange.send(krakenCandle('BTC/USD', it.clock.now()))
  await it.until('all are landed', () => candles(it).length >= before + 1000)

  const places = candles(it).map(({ feed_id, sequence, row }) => `${feed_id} ${sequence} ${row}`)
  expect(new Set(places).size).toBe(places.length)
})
