import { describe, expect, test } from 'vitest'
import { aFastClock, aSimulator, aSocket } from '../../../../testing/a-simulator.ts'

const isKline = (frame: string) => frame.includes('"e":"kline"')

describe('a request on the socket', () => {
  test.each([
    [{ method: 'SUBSCRIBE', params: ['btcusdt@kline_1m'], id: 1 }, '{"result":null,"id":1}'],
    [{ method: 'SUBSCRIBE', params: ['nosuch@kline_1m'], id: 'a' }, '{"result":null,"id":"a"}'],
    [{ method: 'UNSUBSCRIBE', params: ['nosuch@kline_1m'], id: 2 }, '{"result":null,"id":2}'],
    [{ method: 'LIST_SUBSCRIPTIONS', id: 3 }, '{"result":[],"id":3}'],
    [{ method: 'GET_PROPERTY', params: ['combined'], id: 4 }, '{"result":false,"id":4}'],
    [{ method: 'SET_PROPERTY', params: ['combined', true], id: 5 }, '{"result":null,"id":5}'],
    [{ method: 'SUBSCRIBE', params: 'btcusdt@kline_1m', id: 6 }, '"code":2,"msg":"Invalid request'],
    [{ method: 'PLEASE', id: 7 }, '"code":2,"msg":"Invalid request: unknown variant `PLEASE`'],
    ['{"method":', '"code":3,"msg":"Invalid JSON'],
  ])('%j is answered with %s', async (request, answer) => {
    const { urls } = await aSimulator()
    const socket = await aSocket(`${urls.binance_us.ws}/ws`)

    socket.send(request)

    expect(await socket.next((frame) => !isKline(frame))).toContain(answer)
  })

  test('the list of subscriptions has unknown symbols too: they are acknowledged and silent', async () => {
    const { urls, clock } = await aSimulator()
    const socket = await aSocket(`${urls.binance_us.ws}/ws/ethusdt@kline_1m`)
    socket.send({ method: 'SUBSCRIBE', params: ['nosuch@kline_1m', 'BTCUSDT@kline_1m'], id: 1 })
    socket.send({ method: 'LIST_SUBSCRIPTIONS', id: 2 })

    expect(await socket.next((frame) => frame.includes('"id":2'))).toBe(
      '{"result":["ethusdt@kline_1m","nosuch@kline_1m","BTCUSDT@kline_1m"],"id":2}',
    )
    await clock.sleep(10_000)
    expect(new Set(socket.frames.filter(isKline).map((frame) => JSON.parse(frame).s))).toEqual(
      new Set(['ETHUSDT']),
    )
  })
})

test.each([
  ['/ws/btcusdt@kline_1m', '{"e":"kline"'],
  ['/stream?streams=btcusdt@kline_1m', '{"stream":"btcusdt@kline_1m","data":{"e":"kline"'],
])('%s gives payloads that begin with %s', async (path, beginning) => {
  const { urls } = await aSimulator()

  const socket = await aSocket(urls.binance_us.ws + path)

  expect((await socket.next(isKline)).slice(0, beginning.length)).toBe(beginning)
})

test('SET_PROPERTY combined wraps what comes after it', async () => {
  const { urls } = await aSimulator()
  const socket = await aSocket(`${urls.binance_us.ws}/ws/btcusdt@kline_1m`)
  await socket.next(isKline)

  socket.send({ method: 'SET_PROPERTY', params: ['combined', true], id: 1 })

  expect(await socket.next((frame) => frame.startsWith('{"stream"'))).toContain('"data":{"e":"kline"')
})

test('an unsubscribed stream ends', async () => {
  const { urls, clock } = await aSimulator()
  const socket = await aSocket(`${urls.binance_us.ws}/ws/btcusdt@kline_1m`)
  await socket.next(isKline)
  socket.send({ method: 'UNSUBSCRIBE', params: ['btcusdt@kline_1m'], id: 1 })
  await socket.next((frame) => frame.includes('"id":1'))
  const before = socket.frames.length

  await clock.sleep(20_000)

  expect(socket.frames.length).toBe(before)
})

test('a minute has a kline every 2 s and its final one 1.7 s after its end, trades counted by their ids', async () => {
  const simulator = await aSimulator({ clock: aFastClock(40) })
  const { urls, clock } = simulator
  const socket = await aSocket(`${urls.binance_us.ws}/ws/btcusdt@kline_1m/pepeusdt@kline_1m`)
  const startMs = Math.ceil(simulator.now() / 60_000) * 60_000
  await clock.sleep(startMs + 64_000 - simulator.now())

  const klines = socket.frames.map((frame) => JSON.parse(frame)).filter(({ k }) => k.t === startMs)
  for (const symbol of ['BTCUSDT', 'PEPEUSDT']) {
    const own = klines.filter(({ s }) => s === symbol)
    const last = own.at(-1)
    expect(own.length).toBeGreaterThan(10)
    expect(own.filter(({ k }) => k.x)).toEqual([last])
    expect(last.E - last.k.T).toBeGreaterThan(1600)
    expect(last.E - last.k.T).toBeLessThan(20_000)
    for (const { k } of own) {
      if (k.n === 0) expect([k.f, k.L, k.v, k.o]).toEqual([-1, -1, '0.00000000', k.c])
      else expect(k.n).toBe(k.L - k.f + 1)
    }
  }
})

test.each([
  ['bookTicker', (frame: string) => frame.startsWith('{"u":') && !frame.includes('"e"')],
  ['ticker', (frame: string) => frame.startsWith('{"e":"24hrTicker"')],
  ['miniTicker', (frame: string) => frame.startsWith('{"e":"24hrMiniTicker"')],
])('%s has its own shape', async (kind, fits) => {
  const { urls } = await aSimulator()

  const socket = await aSocket(`${urls.binance_us.ws}/ws/btcusdt@${kind}`)

  expect(JSON.parse(await socket.next(fits)).s).toBe('BTCUSDT')
})

test('all tickers come in one frame', async () => {
  const { urls } = await aSimulator()

  const socket = await aSocket(`${urls.binance_us.ws}/ws/!ticker@arr`)

  expect(JSON.parse(await socket.next((frame) => frame.startsWith('['))).length).toBe(6)
})

test('a client that sends six messages at once is closed with 1008', async () => {
  const { urls } = await aSimulator({ clock: aFastClock(1) })
  const socket = await aSocket(`${urls.binance_us.ws}/ws`)

  for (let id = 0; id < 6; id++) socket.send({ method: 'LIST_SUBSCRIPTIONS', id })

  expect(await socket.closed).toBe('1008 Too many requests')
})

test('a client that answers no ping is closed', async () => {
  const { urls } = await aSimulator({ clock: aFastClock(100) })

  const answering = await aSocket(`${urls.binance.ws}/ws`)
  const silent = await aSocket(`${urls.binance.ws}/ws`, { autoPong: false })

  expect(await silent.closed).toBe('1008 Pong timeout')
  expect(answering.pings.length).toBeGreaterThan(1)
  expect(answering.socket.readyState).toBe(answering.socket.OPEN)
})
