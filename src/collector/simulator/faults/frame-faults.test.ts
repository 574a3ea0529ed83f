import { describe, expect, test } from 'vitest'
import {
  aBinanceFeed,
  aFastClock,
  aKrakenFeed,
  aSimulator,
  aSocket,
  isUpdate,
  krakenSymbols,
  ohlcRequest,
  sentFrames,
} from '../../../testing/a-simulator.ts'

const isFinal = (frame: string) => frame.includes('"x":true')

const canParse = (frame: string) => {
  try {
    JSON.parse(frame)
    return true
  } catch {
    return false
  }
}

describe('a frame', () => {
  test('comes twice', async () => {
    const simulator = await aSimulator()
    const socket = await aKrakenFeed(simulator)

    await simulator.inject({ kind: 'duplicate' })

    const isTwice = (frame: string) => socket.frames.filter((other) => other === frame).length === 2
    expect(isUpdate(await socket.next((frame) => isUpdate(frame) && isTwice(frame)))).toBe(true)
    expect((await sentFrames(simulator)).map(({ fate }) => fate)).toContain('repeated')
  })

  test('comes after the next one of another symbol, never of its own', async () => {
    const simulator = await aSimulator()
    const socket = await aKrakenFeed(simulator)

    await simulator.inject({ kind: 'reorder' })
    await simulator.clock.sleep(2000)

    const log = await sentFrames(simulator)
    const swapped = log.filter(({ fate }) => fate === 'swapped')
    expect(swapped).toHaveLength(2)
    expect(new Set(swapped.map(({ symbol }) => symbol)).size).toBe(2)
    for (const symbol of krakenSymbols) {
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
    const socket = await aKrakenFeed(simulator)

    await simulator.inject({ kind: 'corrupt', how, times: 3 })
    await socket.next(() => socket.frames.filter((frame) => !canParse(frame)).length === 3)

    expect(simulator.counts().corrupt).toBe(3)
  })

  test('with a final candle is corrupt, and nothing else', async () => {
    const simulator = await aSimulator()
    const socket = await aBinanceFeed(simulator)

    await simulator.inject({ kind: 'corrupt', target: 'last', symbol: 'BTCUSDT' })
    await socket.next((frame) => isFinal(frame) && frame.includes('ETHUSDT'))

    const corrupted = (await sentFrames(simulator)).filter(({ fate }) => fate === 'corrupted')
    expect(corrupted).toMatchObject([{ symbol: 'BTCUSDT', isHealthy: false }])
    expect(JSON.parse(corrupted[0]?.text ?? '').k.x).toBe(true)
  })

  test("that closes a minute is corrupt: Kraken's first of the next one", async () => {
    const simulator = await aSimulator()
    await aKrakenFeed(simulator)

    await simulator.inject({ kind: 'corrupt', target: 'closing', symbol: 'BTC/USD' })

    const corrupted = (await sentFrames(simulator)).filter(({ fate }) => fate === 'corrupted')
    expect(JSON.parse(corrupted[0]?.text ?? '').data[0].trades).toBe(1)
  })

  test('with the ack is corrupt', async () => {
    const simulator = await aSimulator()
    void simulator.inject({ kind: 'corrupt', target: 'answer' })
    const socket = await aSocket(simulator.urls.kraken.ws)
    socket.send(ohlcRequest)

    await socket.next((frame) => !canParse(frame))

    expect(
      socket.frames.filter((frame) => frame.startsWith('{"method":"subscribe"') && canParse(frame)),
    ).toHaveLength(2)
  })

  test('that ends an hour comes in the next one, and its symbol waits for it', async () => {
    const simulator = await aSimulator({ clock: aFastClock(100, '2024-05-01T12:59:30Z') })
    const socket = await aBinanceFeed(simulator)

    await simulator.inject({ kind: 'delay-final', symbol: 'BTCUSDT', minute: 59, byMs: 40_000 })
    const first = await socket.next((frame) => isFinal(frame) && frame.includes('ETHUSDT'))
    const late = await socket.next((frame) => isFinal(frame) && frame.includes('BTCUSDT'))

    const [firstAt, lateAt] = [socket.frames.indexOf(first), socket.frames.indexOf(late)]
    const between = socket.frames.slice(firstAt + 1, lateAt)
    expect(new Date(JSON.parse(late).k.T + 1).toISOString()).toBe('2024-05-01T13:00:00.000Z')
    expect(between.filter((frame) => frame.includes('ETHUSDT')).length).toBeGreaterThan(5)
    expect(between.filter((frame) => frame.includes('BTCUSDT'))).toEqual([])
    expect((await sentFrames(simulator)).filter(({ fate }) => fate === 'late').length).toBeGreaterThan(5)
  })

  test('comes in pieces, and the frames behind it wait', async () => {
    const simulator = await aSimulator()
    const socket = await aKrakenFeed(simulator)

    await simulator.inject({ kind: 'split', overMs: 60_000 })
    await simulator.clock.sleep(5000)
    const before = socket.frames.length
    await simulator.clock.sleep(10_000)
    expect(socket.frames.length).toBe(before)
    await socket.next(() => socket.frames.length > before + 5)

    expect(socket.frames.every(canParse)).toBe(true)
    const log = (await sentFrames(simulator)).filter(({ sequence }) => sequence >= 0)
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
