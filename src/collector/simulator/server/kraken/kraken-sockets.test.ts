import { describe, expect, test } from 'vitest'
import { aFastClock, aSimulator, aSocket } from '../../../../testing/a-simulator.ts'

const subscribe = (symbol: readonly string[], params: object = {}) => ({
  method: 'subscribe',
  params: { channel: 'ohlc', symbol, interval: 1, ...params },
  req_id: 7,
})

test('a connection begins with a status whose id no double holds', async () => {
  const { urls } = await aSimulator()

  const socket = await aSocket(urls.kraken.ws)

  const status = await socket.next((frame) => frame.startsWith('{"channel":"status"'))
  const [, id = ''] = /"connection_id":(\d+)/.exec(status) ?? []
  expect(status).toContain('"system":"online"')
  expect(BigInt(id)).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER))
  expect(String(Number(id))).not.toBe(id)
})

describe('an answer', () => {
  test.each([
    [
      'one ack per symbol',
      subscribe(['ETH/USD']),
      '{"method":"subscribe","result":{"channel":"ohlc","interval":1,"snapshot":true,"symbol":"ETH/USD","warnings":["timestamp is deprecated, use interval_begin"]},"success":true,"time_in":"',
    ],
    [
      "the first API's name is refused",
      subscribe(['XBT/USD']),
      '{"error":"Currency pair not supported XBT/USD","method":"subscribe","success":false,"symbol":"XBT/USD"',
    ],
    ['lower case is refused', subscribe(['btc/usd']), '{"error":"Currency pair not supported btc/usd"'],
    ['no slash is refused', subscribe(['BTCUSD']), '{"error":"Currency pair not supported BTCUSD"'],
    [
      'another channel',
      subscribe(['BTC/USD'], { channel: 'nosuch' }),
      '{"error":"Channel not supported nosuch"',
    ],
    [
      'unsubscribe of nothing',
      { ...subscribe(['BTC/USD']), method: 'unsubscribe' },
      '{"error":"Subscription Not Found"',
    ],
    ['a ping', { method: 'ping', req_id: 42 }, '{"method":"pong","req_id":42,"time_in":"'],
    ['no JSON', '{"method"', '{"error":"Malformed request"'],
  ])('%s', async (_name, request, beginning) => {
    const { urls } = await aSimulator()
    const socket = await aSocket(urls.kraken.ws)

    socket.send(request)

    const answer = await socket.next((frame) => frame.includes('"time_in"'))
    expect(answer.slice(0, beginning.length)).toBe(beginning)
  })
})

test('the ack comes before the snapshot: the last ten minutes with trades, oldest first', async () => {
  const simulator = await aSimulator()
  const socket = await aSocket(simulator.urls.kraken.ws)
  socket.send(subscribe(['DOT/USD', 'BTC/USD']))

  const text = await socket.next((frame) => frame.includes('"snapshot","timestamp"') && frame.includes('DOT'))
  const snapshot = JSON.parse(text)
  const starts = snapshot.data.map((row: { interval_begin: string }) => Date.parse(row.interval_begin))
  const kinds = socket.frames.slice(1, 3).map((frame) => JSON.parse(frame))

  expect(kinds[0]).toMatchObject({
    method: 'subscribe',
    success: true,
    req_id: 7,
    result: { symbol: 'DOT/USD' },
  })
  expect(kinds[1]).toMatchObject({ channel: 'ohlc', type: 'snapshot' })
  expect(starts).toHaveLength(10)
  const nowMs = Date.parse(snapshot.timestamp)
  const traded = simulator
    .truthOf({ exchange: 'kraken', nativeSymbol: 'DOT/USD' }, starts[0], nowMs)
    .filter(({ tradeCount }) => tradeCount > 0)
    .map(({ startMs }) => startMs)
  expect(traded.slice(0, 9)).toEqual(starts.slice(0, 9))
})

test('numbers are written in full, times with nine digits', async () => {
  const { urls } = await aSimulator()
  const socket = await aSocket(urls.kraken.ws)
  socket.send(subscribe(['BTC/USD'], { snapshot: false }))

  const update = await socket.next((frame) => frame.includes('"type":"update","timestamp"'))

  expect(update).toMatch(
    /^\{"channel":"ohlc","type":"update","timestamp":"[^"]+\.\d{9}Z","data":\[\{"symbol":"BTC\/USD","open":\d+\.\d,"high":\d+\.\d,"low":\d+\.\d,"close":\d+\.\d,"trades":\d+,"volume":0\.\d+,"vwap":\d+\.\d,"interval_begin":"2024-05-01T1\d:\d\d:00\.000000000Z","interval":1,"timestamp":"2024-05-01T1\d:\d\d:00\.000000Z"\}\]\}$/,
  )
})

test('without trades there are heartbeats, about one a second', async () => {
  const { urls, clock } = await aSimulator({ clock: aFastClock(20) })
  const socket = await aSocket(urls.kraken.ws)
  socket.send(subscribe(['DOT/USD']))
  await socket.next((frame) => frame === '{"channel":"heartbeat"}')
  const before = socket.frames.length

  await clock.sleep(10_000)

  expect(socket.frames.length - before).toBeGreaterThan(5)
  expect(socket.frames.length - before).toBeLessThan(20)
})

test('a connection without a subscription is closed after a minute, one with a subscription stays', async () => {
  const { urls } = await aSimulator({ clock: aFastClock(300) })

  const idle = await aSocket(urls.kraken.ws)
  const busy = await aSocket(urls.kraken.ws)
  busy.send(subscribe(['DOT/USD']))

  expect(await idle.closed).toBe('1000 Idle')
  expect(busy.socket.readyState).toBe(busy.socket.OPEN)
})

test('an unsubscribed symbol ends, and may be subscribed again but not twice', async () => {
  const { urls } = await aSimulator()
  const socket = await aSocket(urls.kraken.ws)
  const next = (part: string) => socket.next((frame) => frame.includes(part))

  socket.send(subscribe(['BTC/USD']))
  await next('"type":"update","timestamp"')
  socket.send({ ...subscribe(['BTC/USD']), req_id: 8 })
  expect(await next('"req_id":8')).toContain('"error":"Already subscribed"')
  socket.send({ ...subscribe(['BTC/USD']), method: 'unsubscribe', req_id: 9 })
  expect(await next('"req_id":9')).toContain('"success":true')
  socket.send({ ...subscribe(['BTC/USD']), req_id: 10 })
  expect(await next('"req_id":10')).toContain('"success":true')
})

test('tickers come with a snapshot, then with each trade', async () => {
  const { urls } = await aSimulator()
  const socket = await aSocket(urls.kraken.ws)
  socket.send(subscribe(['BTC/USD'], { channel: 'ticker' }))

  const snapshot = JSON.parse(
    await socket.next((frame) => frame.startsWith('{"channel":"ticker","type":"snapshot"')),
  )
  const update = JSON.parse(
    await socket.next((frame) => frame.startsWith('{"channel":"ticker","type":"update"')),
  )

  for (const { data } of [snapshot, update]) {
    expect(data[0].bid).toBeLessThan(data[0].ask)
    expect(data[0].low).toBeLessThanOrEqual(data[0].last)
    expect(data[0].high).toBeGreaterThanOrEqual(data[0].last)
  }
})

test('the 151st connect in ten minutes is refused, and told to wait', async () => {
  const { urls } = await aSimulator({ clock: aFastClock(1) })
  for (let connect = 0; connect < 150; connect++) (await aSocket(urls.kraken.ws)).socket.terminate()

  await expect(aSocket(urls.kraken.ws)).rejects.toThrow('Unexpected server response: 429')
})
