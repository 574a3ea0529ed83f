import type { Duplex } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { aFastClock, aFeed, aKrakenFeed, QUICK_LIMITS } from '../../testing/a-feed.ts'
import { aFeedExchange, krakenCandle } from '../../testing/a-feed-exchange.ts'

vi.setConfig({ testTimeout: 20_000 })

test('lands candles under one feed id, counted from 0, and says that it is live', async () => {
  const it = await aKrakenFeed({ 'BTC/USD': 'delivers', 'ETH/USD': 'delivers' })

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
  expect(new Set(it.candles().map(({ feed_id }) => feed_id))).toEqual(new Set(['c1-b1-0-kraken-0']))
  expect(it.candles()[0]).toMatchObject({ fields: { native_symbol: 'BTC/USD', quote_asset: 'USD' } })
  expect(it.events().slice(0, 4)).toEqual(['connecting', 'connected', 'subscribed', 'live'])
  expect(it.reports).toMatchObject([{ kind: 'connect', status: 101 }])
})

test('comes back when the exchange hangs up, as another feed that is counted from 0 again', async () => {
  const it = await aKrakenFeed({ 'BTC/USD': 'delivers' })
  await it.until('live', () => it.isLive())

  it.exchange.sockets[0]?.close(1012, 'service restart')
  await it.until('another feed delivers', () => it.candles().some(({ feed_id }) => feed_id.endsWith('-1')))

  const first = it.landed.find(({ channel, feed_id }) => channel === 'ohlc' && feed_id.endsWith('-1'))
  expect(first?.sequence).toBeLessThan(5)
  expect(it.events()).toContain('disconnected closed_by_exchange')
  expect(it.feed.status().reconnectsByCause).toEqual({ closed_by_exchange: 1 })
})

test('names a symbol that the exchange rejects, and goes on with the others', async () => {
  const it = await aKrakenFeed({ 'BTC/USD': 'delivers', 'XBT/USD': 'rejected' })

  await it.until('live', () => it.isLive() && it.feed.status().symbolsRejected.length === 1)

  expect(it.feed.status().symbolsRejected).toEqual([
    { symbol: 'XBT-USD/USD', reason: 'Currency pair not supported XBT/USD' },
  ])
  expect(it.events()).toContain('rejected XBT/USD rejected')
  expect(it.logs.join('\n')).toContain('kraken XBT/USD: rejected')
  expect(it.exchange.handshakes()).toBe(1)
})

test('answers the pings of the exchange', async () => {
  const it = await aKrakenFeed({ 'BTC/USD': 'delivers' })
  await it.until('live', () => it.isLive())

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
  const it = await aKrakenFeed({ 'BTC/USD': 'delivers' })
  await it.until('live', () => it.isLive())

  it.exchange.send(frame)
  await it.until('a dead letter', () => it.feed.status().deadLetters === 1)

  expect(it.landed.some(({ folder }) => folder.startsWith('dead-letters/exchange=kraken/'))).toBe(true)
  expect(it.exchange.handshakes()).toBe(1)
})

test.each([
  ['is not UTF-8', Buffer.from([0xc3, 0x28, 0xa0, 0xff])],
  ['is larger than any frame', Buffer.alloc(17 * 1024 * 1024, 'x')],
])('survives a frame that %s: the connection is over, the feed is not', async (_, frame) => {
  const it = await aKrakenFeed({ 'BTC/USD': 'delivers' })
  await it.until('live', () => it.isLive())

  it.exchange.send(frame)
  await it.until('it hangs up', () => it.events().includes('disconnected bad_frame'))

  await it.until('live again', () => it.isLive())
})

test('tells the broker of a handshake that is refused, and waits as long as it is asked to', async () => {
  const it = await aKrakenFeed({ 'BTC/USD': 'delivers' })
  await it.until('live', () => it.isLive())
  it.exchange.behaviour.handshake = { status: 429, retryAfter: '60' }
  const refusedMs = it.clock.monotonicMs()

  it.exchange.sockets[0]?.terminate()
  await it.until('refused', () => it.events().includes('connect_failed handshake_refused'))
  it.exchange.behaviour.handshake = 'accept'
  await it.until('live again', () => it.isLive())

  expect(it.reports).toContainEqual(
    expect.objectContaining({ kind: 'connect', status: 429, retryAfterMs: 60_000 }),
  )
  expect(it.clock.monotonicMs() - refusedMs).toBeGreaterThan(60_000)
})

test('gives up a handshake that is never answered', async () => {
  const clock = aFastClock(25)
  const exchange = await aFeedExchange({
    speaks: 'kraken',
    symbols: { 'BTC/USD': 'delivers' },
    now: clock.now,
  })
  exchange.behaviour.handshake = 'hang'
  const it = aFeed({ exchange, clock, limits: QUICK_LIMITS })

  await it.until('it gives up', () => it.events().includes('connect_failed handshake_timeout'))
  exchange.behaviour.handshake = 'accept'

  await it.until('live', () => it.feed.status().state === 'live')
})

test('splits instruments over as many connections as the exchange calls for', async () => {
  const symbols = Object.fromEntries(
    ['A', 'B', 'C', 'D', 'E'].map((base) => [`${base}/USD`, 'delivers' as const]),
  )
  const it = await aKrakenFeed(symbols, { symbolsPerConnection: 2 })

  await it.until('all deliver', () => it.feed.status().symbolsLive === 5)

  expect(it.feed.status().connections).toBe(3)
})

test('opens the next connection before the old one is closed, so that nothing is missed', async () => {
  const it = await aKrakenFeed({ 'BTC/USD': 'delivers' }, { lifetimeMs: 60_000 })
  let most = 0
  let fewest = 1
  await it.until('live', () => it.isLive())

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

test('sends no faster than the exchange allows', async () => {
  const symbols = Object.fromEntries(Array.from({ length: 350 }, (_, i) => [`C${i}/USD`, 'silent' as const]))
  const it = await aKrakenFeed(
    { ...symbols, 'BTC/USD': 'delivers' },
    { sendEveryMs: 5_000, silenceMs: 60_000, pingEveryMs: undefined },
  )
  const fromMs = it.clock.monotonicMs()

  await it.until('all are asked for', () => it.exchange.received.length === 4)

  expect(it.clock.monotonicMs() - fromMs).toBeGreaterThan(14_000)
})

test('every frame of a burst is landed, under a place of its own', async () => {
  const it = await aKrakenFeed({ 'BTC/USD': 'delivers' })
  await it.until('live', () => it.isLive())
  it.exchange.behaviour.symbols['BTC/USD'] = 'silent'

  const before = it.candles().length
  for (let i = 0; i < 1000; i++) it.exchange.send(krakenCandle('BTC/USD', it.clock.now()))
  await it.until('all are landed', () => it.candles().length >= before + 1000)

  const places = it.candles().map(({ feed_id, sequence, row }) => `${feed_id} ${sequence} ${row}`)
  expect(new Set(places).size).toBe(places.length)
})

test('a frame that breaks the protocol ends the connection at once, though the exchange does not say goodbye', async () => {
  const it = await aKrakenFeed({ 'BTC/USD': 'delivers' }, { silenceMs: 600_000 })
  await it.until('live', () => it.isLive())
  const [socket] = it.exchange.sockets as unknown as { _socket: Duplex; pause(): void }[]

  // A reserved opcode; and whatever comes back is never read.
  socket?.pause()
  socket?._socket.write(Buffer.from([0x83, 0x00]))
  it.exchange.behaviour.isFrozen = true
  const startedMs = performance.now()
  await it.until('hung up', () => it.events().includes('disconnected bad_frame'))

  expect(performance.now() - startedMs).toBeLessThan(5_000)
})
