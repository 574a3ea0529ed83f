import { describe, expect, test } from 'vitest'
import { aFastClock, aSimulator, aSocket, type TestSocket } from '../../../testing/a-simulator.ts'
import type { FrameRecord, LogRecord, Simulator } from '../server/index.ts'

type Running = Awaited<ReturnType<typeof aSimulator>>
const symbols = ['BTC/USD', 'ETH/USD', 'SOL/USD']
const ohlc = {
  method: 'subscribe',
  params: { channel: 'ohlc', symbol: symbols, interval: 1, snapshot: false },
}
const isUpdate = (frame: string) => frame.includes('"type":"update","timestamp"')
const isFinal = (frame: string) => frame.includes('"x":true')

async function aKrakenSocket(simulator: Simulator): Promise<TestSocket> {
  const socket = await aSocket(simulator.urls.kraken.ws)
  socket.send(ohlc)
  await socket.next(isUpdate)
  return socket
}

async function aBinanceSocket(simulator: Simulator): Promise<TestSocket> {
  const socket = await aSocket(`${simulator.urls.binance_us.ws}/ws/btcusdt@kline_1m/ethusdt@kline_1m`)
  await socket.next((frame) => frame.includes('kline'))
  return socket
}

async function recordsOf(simulator: Simulator): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for await (const record of simulator.log.read()) records.push(record)
  return records
}

const framesOf = async (simulator: Simulator) =>
  (await recordsOf(simulator)).filter((record): record is FrameRecord => record.type === 'frame')

const canParse = (frame: string) => {
  try {
    JSON.parse(frame)
    return true
  } catch {
    return false
  }
}

describe('a connection', () => {
  test('is dropped: it ends without a close frame', async () => {
    const simulator = await aSimulator()
    const socket = await aKrakenSocket(simulator)

    await simulator.inject({ kind: 'drop' })

    expect(await socket.closed).toBe('1006')
    expect(simulator.counts().drop).toBe(1)
  })

  test('hangs: nothing comes, no pong either, and it stays open until it is reset', async () => {
    const simulator = await aSimulator()
    const socket = await aKrakenSocket(simulator)
    let pongs = 0
    socket.socket.on('pong', () => pongs++)

    await simulator.inject({ kind: 'hang', forMs: 200_000 })
    await simulator.clock.sleep(10_000)
    const before = socket.frames.length
    socket.socket.ping()
    await simulator.clock.sleep(30_000)

    expect([socket.frames.length, pongs, socket.socket.readyState]).toEqual([before, 0, socket.socket.OPEN])
    expect(await socket.closed).toBe('1006')
    const withheld = (await framesOf(simulator)).filter(({ fate }) => fate === 'withheld')
    expect(withheld.length).toBeGreaterThan(0)
    expect(withheld.every(({ isHealthy, sequence }) => !isHealthy && sequence === -1)).toBe(true)
  })

  test('is closed every so often', async () => {
    const simulator = await aSimulator()
    void simulator.inject({ kind: 'close-every', everyMs: 5000, exchange: 'kraken' })
    const kraken = await aSocket(simulator.urls.kraken.ws)
    const binance = await aBinanceSocket(simulator)

    expect(await kraken.closed).toBe('1001 Going away')
    expect(binance.socket.readyState).toBe(binance.socket.OPEN)
    expect(simulator.counts()['close-every']).toBe(1)
  })

  test('is told of a shutdown before it ends', async () => {
    const simulator = await aSimulator()
    const [kraken, binance] = [await aKrakenSocket(simulator), await aBinanceSocket(simulator)]
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
    socket.send(ohlc)
    await socket.next((frame) => frame.includes('ETH/USD') && isUpdate(frame))
    await simulator.clock.sleep(20_000)

    expect(
      socket.frames
        .filter((frame) => frame.includes('"symbol":"BTC/USD"'))
        .map((frame) => frame.slice(0, 21)),
    ).toEqual(['{"method":"subscribe"'])
    const again = await aKrakenSocket(simulator)
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
    kraken.send(ohlc)
    binance.send({ method: 'SUBSCRIBE', params: ['btcusdt@kline_1m', 'ethusdt@kline_1m'], id: 1 })

    expect(await kraken.next((frame) => frame.includes('"success":false'))).toContain('not supported ETH/USD')
    expect(await kraken.next((frame) => isUpdate(frame))).not.toContain('ETH/USD')
    expect(await binance.next((frame) => frame.includes('"id":1'))).toContain('"code":2')
  })
})

describe('a frame', () => {
  test('comes twice', async () => {
    const simulator = await aSimulator()
    const socket = await aKrakenSocket(simulator)

    await simulator.inject({ kind: 'duplicate' })

    const isTwice = (frame: string) => socket.frames.filter((other) => other === frame).length === 2
    expect(isUpdate(await socket.next((frame) => isUpdate(frame) && isTwice(frame)))).toBe(true)
    expect((await framesOf(simulator)).map(({ fate }) => fate)).toContain('repeated')
  })

  test('comes after the next one of another symbol, never of its own', async () => {
    const simulator = await aSimulator()
    const socket = await aKrakenSocket(simulator)

    await simulator.inject({ kind: 'reorder' })
    await simulator.clock.sleep(2000)

    const log = await framesOf(simulator)
    const swapped = log.filter(({ fate }) => fate === 'swapped')
    expect(swapped).toHaveLength(2)
    expect(new Set(swapped.map(({ symbol }) => symbol)).size).toBe(2)
    for (const symbol of symbols) {
      const trades = socket.frames
        .filter((frame) => frame.includes(symbol) && isUpdate(frame))
        .map((frame) => {
          const [row] = JSON.parse(frame).data
          return Date.parse(row.interval_begin) + row.trades
        })
      expect(trades).toEqual(trades.toSorted((a, b) => a - b))
    }
  })

  test.each(['truncated', 'garbled'] as const)('is %s, and no JSON any more', async (how) => {
    const simulator = await aSimulator()
    const socket = await aKrakenSocket(simulator)

    await simulator.inject({ kind: 'corrupt', how, times: 3 })
    await socket.next(() => socket.frames.filter((frame) => !canParse(frame)).length === 3)

    expect(simulator.counts().corrupt).toBe(3)
  })

  test('with a final candle is corrupt, and nothing else', async () => {
    const simulator = await aSimulator()
    const socket = await aBinanceSocket(simulator)

    await simulator.inject({ kind: 'corrupt', target: 'last', symbol: 'BTCUSDT' })
    await socket.next((frame) => isFinal(frame) && frame.includes('ETHUSDT'))

    const corrupted = (await framesOf(simulator)).filter(({ fate }) => fate === 'corrupted')
    expect(corrupted).toMatchObject([{ symbol: 'BTCUSDT', isHealthy: false }])
    expect(JSON.parse(corrupted[0]?.text ?? '').k.x).toBe(true)
  })

  test("that closes a minute is corrupt: Kraken's first of the next one", async () => {
    const simulator = await aSimulator()
    await aKrakenSocket(simulator)

    await simulator.inject({ kind: 'corrupt', target: 'closing', symbol: 'BTC/USD' })

    const corrupted = (await framesOf(simulator)).filter(({ fate }) => fate === 'corrupted')
    expect(JSON.parse(corrupted[0]?.text ?? '').data[0].trades).toBe(1)
  })

  test('with the ack is corrupt', async () => {
    const simulator = await aSimulator()
    void simulator.inject({ kind: 'corrupt', target: 'answer' })
    const socket = await aSocket(simulator.urls.kraken.ws)
    socket.send(ohlc)

    await socket.next((frame) => !canParse(frame))

    expect(
      socket.frames.filter((frame) => frame.startsWith('{"method":"subscribe"') && canParse(frame)),
    ).toHaveLength(2)
  })

  test('that ends an hour comes in the next one, and its symbol waits for it', async () => {
    const simulator = await aSimulator({ clock: aFastClock(100, '2024-05-01T12:59:30Z') })
    const socket = await aBinanceSocket(simulator)

    await simulator.inject({ kind: 'delay-final', symbol: 'BTCUSDT', minute: 59, byMs: 40_000 })
    const first = await socket.next((frame) => isFinal(frame) && frame.includes('ETHUSDT'))
    const late = await socket.next((frame) => isFinal(frame) && frame.includes('BTCUSDT'))

    const [firstAt, lateAt] = [socket.frames.indexOf(first), socket.frames.indexOf(late)]
    const between = socket.frames.slice(firstAt + 1, lateAt)
    expect(new Date(JSON.parse(late).k.T + 1).toISOString()).toBe('2024-05-01T13:00:00.000Z')
    expect(between.filter((frame) => frame.includes('ETHUSDT')).length).toBeGreaterThan(5)
    expect(between.filter((frame) => frame.includes('BTCUSDT'))).toEqual([])
    expect((await framesOf(simulator)).filter(({ fate }) => fate === 'late').length).toBeGreaterThan(5)
  })

  test('comes in pieces, and the frames behind it wait', async () => {
    const simulator = await aSimulator()
    const socket = await aKrakenSocket(simulator)

    await simulator.inject({ kind: 'split', overMs: 60_000 })
    await simulator.clock.sleep(5000)
    const before = socket.frames.length
    await simulator.clock.sleep(10_000)
    expect(socket.frames.length).toBe(before)
    await socket.next(() => socket.frames.length > before + 5)

    expect(socket.frames.every(canParse)).toBe(true)
    const log = (await framesOf(simulator)).filter(({ sequence }) => sequence >= 0)
    expect(log.map(({ sequence }) => sequence)).toEqual(
      log.map(({ sequence }) => sequence).toSorted((a, b) => a - b),
    )
    expect(log.filter(({ fate }) => fate === 'split')).toHaveLength(1)
  })
})

test('a thousand tickers come at once, each with another price', async () => {
  const simulator = await aSimulator()
  const socket = await aSocket(`${simulator.urls.binance_us.ws}/ws/btcusdt@ticker/ethusdt@ticker`)

  await simulator.inject({ kind: 'burst', frames: 1000 })
  await socket.next(() => socket.frames.length >= 1000)

  const said = socket.frames.map((frame) => JSON.parse(frame)).map(({ s, c }) => `${s} ${c}`)
  expect(new Set(said).size).toBeGreaterThanOrEqual(1000)
})

test('a clock set ahead shows in times and minutes; set back, no trade comes twice', async () => {
  const simulator = await aSimulator()
  const socket = await aKrakenSocket(simulator)
  const stamps = () => socket.frames.filter(isUpdate).map((frame) => Date.parse(JSON.parse(frame).timestamp))

  await simulator.inject({ kind: 'skew', skewMs: 60_000 })
  await socket.next(() => (stamps().at(-1) ?? 0) - simulator.now() > 40_000)
  await simulator.inject({ kind: 'skew', skewMs: 0 })
  await simulator.clock.sleep(90_000)

  const rows = socket.frames.filter(isUpdate).map((frame) => JSON.parse(frame).data[0])
  const keys = rows.map(({ symbol, interval_begin, trades }) => `${symbol} ${interval_begin} ${trades}`)
  expect(new Set(keys).size).toBe(keys.length)
})

test('the log has each frame by the number that the client counts', async () => {
  const simulator: Running = await aSimulator()
  const socket = await aKrakenSocket(simulator)
  await simulator.clock.sleep(20_000)

  const log = await framesOf(simulator)

  expect(log.length).toBeGreaterThan(5)
  for (const { sequence, text } of log.slice(0, -3)) expect(socket.frames[sequence]).toBe(text)
})
