import { describe, expect, test } from 'vitest'
import {
  aBinanceFeed,
  aKrakenFeed,
  aSimulator,
  aSocket,
  isUpdate,
  ohlcRequest,
  sentFrames,
} from '../../../testing/a-simulator.ts'

describe('a connection', () => {
  test('is dropped: it ends without a close frame', async () => {
    const simulator = await aSimulator()
    const socket = await aKrakenFeed(simulator)

    await simulator.inject({ kind: 'drop' })

    expect(await socket.closed).toBe('1006')
    expect(simulator.counts().drop).toBe(1)
  })

  test('hangs: nothing comes, no pong either, and it stays open until it is reset', async () => {
    const simulator = await aSimulator()
    const socket = await aKrakenFeed(simulator)
    let pongs = 0
    socket.socket.on('pong', () => pongs++)

    await simulator.inject({ kind: 'hang', forMs: 200_000 })
    await simulator.clock.sleep(10_000)
    const before = socket.frames.length
    socket.socket.ping()
    await simulator.clock.sleep(30_000)

    expect([socket.frames.length, pongs, socket.socket.readyState]).toEqual([before, 0, socket.socket.OPEN])
    expect(await socket.closed).toBe('1006')
    const withheld = (await sentFrames(simulator)).filter(({ fate }) => fate === 'withheld')
    expect(withheld.length).toBeGreaterThan(0)
    expect(withheld.every(({ isHealthy, sequence }) => !isHealthy && sequence === -1)).toBe(true)
  })

  test('is closed every so often', async () => {
    const simulator = await aSimulator()
    void simulator.inject({ kind: 'close-every', everyMs: 5000, exchange: 'kraken' })
    const kraken = await aSocket(simulator.urls.kraken.ws)
    const binance = await aBinanceFeed(simulator)

    expect(await kraken.closed).toBe('1001 Going away')
    expect(binance.socket.readyState).toBe(binance.socket.OPEN)
    expect(simulator.counts()['close-every']).toBe(1)
  })

  test('is told of a shutdown before it ends', async () => {
    const simulator = await aSimulator()
    const [kraken, binance] = [await aKrakenFeed(simulator), await aBinanceFeed(simulator)]
    const combined = await aSocket(`${simulator.urls.binance_us.ws}/stream?streams=btcusdt@kline_1m`)

    await simulator.inject({ kind: 'shutdown', exchange: 'binance_us', leadMs: 2000 })
    await simulator.inject({ kind: 'shutdown', exchange: 'kraken', leadMs: 2000 })

    expect(await binance.next((frame) => frame.startsWith('{"e":"serverShutdown","E":'))).toBeDefined()
    expect(await combined.next((frame) => frame.startsWith('{"stream":"!serverShutdown"'))).toBeDefined()
    expect(await kraken.next((frame) => frame.includes('"system":"maintenance"'))).toBeDefined()
    expect(await Promise.all([kraken.closed, binance.closed, combined.closed])).toEqual(
      Array(3).fill('1001 Shutdown'),
    )
  })

  test('that a fault waits for is struck when it comes', async () => {
    const simulator = await aSimulator()
    const done = simulator.inject({ kind: 'close', code: 1012 })
    expect(simulator.counts().close).toBe(0)

    const socket = await aSocket(simulator.urls.kraken.ws)

    await done
    expect(await socket.closed).toBe('1012 Going away')
  })

  test('is refused, with the time to wait', async () => {
    const simulator = await aSimulator()
    void simulator.inject({ kind: 'refuse-connect', retryAfterMs: 7000, times: 2 })

    for (let attempt = 0; attempt < 2; attempt++)
      await expect(aSocket(simulator.urls.kraken.ws)).rejects.toThrow('Unexpected server response: 429')
    await aSocket(simulator.urls.kraken.ws)
    expect(simulator.counts()['refuse-connect']).toBe(2)
  })
})

describe('a subscription', () => {
  test('is acknowledged and stays silent, while the others and heartbeats go on', async () => {
    const simulator = await aSimulator()
    void simulator.inject({ kind: 'silence', exchange: 'kraken', symbol: 'BTC/USD' })
    const socket = await aSocket(simulator.urls.kraken.ws)
    socket.send(ohlcRequest)
    await socket.next((frame) => frame.includes('ETH/USD') && isUpdate(frame))
    await simulator.clock.sleep(20_000)

    expect(
      socket.frames
        .filter((frame) => frame.includes('"symbol":"BTC/USD"'))
        .map((frame) => frame.slice(0, 21)),
    ).toEqual(['{"method":"subscribe"'])
    const again = await aKrakenFeed(simulator)
    expect(await again.next((frame) => frame.includes('BTC/USD') && isUpdate(frame))).toBeDefined()
  })

  test('is silent on every connection for a time', async () => {
    const simulator = await aSimulator()
    await simulator.inject({ kind: 'silence', symbol: 'BTCUSDT', forMs: 60_000 })
    const socket = await aSocket(`${simulator.urls.binance_us.ws}/ws/btcusdt@kline_1m`)

    await simulator.clock.sleep(10_000)
    expect(socket.frames).toEqual([])
    expect(await socket.next((frame) => frame.includes('kline'))).toBeDefined()
  })

  test('is refused, on Binance the whole request', async () => {
    const simulator = await aSimulator()
    void simulator.inject({ kind: 'reject', symbol: 'ETH/USD' })
    void simulator.inject({ kind: 'reject', symbol: 'ETHUSDT' })
    const kraken = await aSocket(simulator.urls.kraken.ws)
    const binance = await aSocket(`${simulator.urls.binance_us.ws}/ws`)
    kraken.send(ohlcRequest)
    binance.send({ method: 'SUBSCRIBE', params: ['btcusdt@kline_1m', 'ethusdt@kline_1m'], id: 1 })

    expect(await kraken.next((frame) => frame.includes('"success":false'))).toContain('not supported ETH/USD')
    expect(await kraken.next((frame) => isUpdate(frame))).not.toContain('ETH/USD')
    expect(await binance.next((frame) => frame.includes('"id":1'))).toContain('"code":2')
  })
})

test('a clock set ahead shows in times and minutes; set back, no trade comes twice', async () => {
  const simulator = await aSimulator()
  const socket = await aKrakenFeed(simulator)
  const isAhead = (frame: string) =>
    isUpdate(frame) && Date.parse(JSON.parse(frame).timestamp) - simulator.now() > 40_000

  await simulator.inject({ kind: 'skew', skewMs: 60_000 })
  await socket.next(isAhead)
  await simulator.inject({ kind: 'skew', skewMs: 0 })
  await simulator.clock.sleep(90_000)

  const rows = socket.frames.filter(isUpdate).map((frame) => JSON.parse(frame).data[0])
  const keys = rows.map(({ symbol, interval_begin, trades }) => `${symbol} ${interval_begin} ${trades}`)
  expect(new Set(keys).size).toBe(keys.length)
})

test('the log has each frame by the number that the client counts', async () => {
  const simulator = await aSimulator()
  const socket = await aKrakenFeed(simulator)
  await simulator.clock.sleep(20_000)

  const log = await sentFrames(simulator)

  expect(log.length).toBeGreaterThan(5)
  for (const { sequence, text } of log.slice(0, -3)) expect(socket.frames[sequence]).toBe(text)
})
