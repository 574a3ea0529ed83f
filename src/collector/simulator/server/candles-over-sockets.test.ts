import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { type Instrument, scaledClock } from '../../../base/index.ts'
import { simulatedInstruments } from '../index.ts'
import { openSimulator } from './open-simulator.ts'

const MINUTE_MS = 60_000

/** So many times as fast as the machine. */
function fastClock(factor: number) {
  const realMs = Date.now()
  return scaledClock(() => ({ factor, realMs, atMs: Date.parse('2024-05-01T12:58:10Z') }))
}

async function listen(url: string, hello: string | undefined): Promise<string[]> {
  const frames: string[] = []
  const socket = new WebSocket(url, { perMessageDeflate: false })
  socket.on('message', (frame) => frames.push(String(frame)))
  onTestFinished(() => socket.terminate())
  await new Promise((resolve) => socket.once('open', resolve))
  if (hello !== undefined) socket.send(hello)
  return frames
}

const shown = (startMs: number, values: readonly (string | number)[]) =>
  `${new Date(startMs).toISOString().slice(11, 16)} ${values.map(Number).join(' ')}`

test('what Binance calls final is the truth, quiet minutes included', async () => {
  const clock = fastClock(300)
  const instruments = simulatedInstruments.filter(({ exchange }) => exchange === 'binance_us')
  await using simulator = await openSimulator({ clock, seed: 5, instruments })
  const streams = instruments.map(({ nativeSymbol }) => `${nativeSymbol.toLowerCase()}@kline_1m`)
  const frames = await listen(
    `${simulator.urls.binance_us.ws}/stream?streams=${streams.join('/')}`,
    undefined,
  )
  const fromMs = Math.floor(simulator.now() / MINUTE_MS) * MINUTE_MS
  await clock.sleep(fromMs + 4 * MINUTE_MS + 8000 - simulator.now())

  const klines = frames.map((frame) => JSON.parse(frame).data.k)
  const said = (instrument: Instrument) =>
    klines
      .filter(({ s, x }) => x && s === instrument.nativeSymbol)
      .map(({ t, o, h, l, c, v, q, n }) => shown(t, [o, h, l, c, v, q, n]))
  const truth = (instrument: Instrument) =>
    simulator
      .truthOf(instrument, fromMs, fromMs + 4 * MINUTE_MS)
      .map((candle) =>
        shown(candle.startMs, [
          candle.open,
          candle.high,
          candle.low,
          candle.close,
          candle.volume,
          candle.quoteVolume ?? '',
          candle.tradeCount,
        ]),
      )

  expect(instruments.map(said)).toEqual(instruments.map(truth))
})

test('the last of what Kraken says of a minute is the truth, and of a quiet one it says nothing', async () => {
  const clock = fastClock(300)
  const instruments = simulatedInstruments.filter(({ exchange }) => exchange === 'kraken')
  await using simulator = await openSimulator({ clock, seed: 5, instruments })
  const symbol = instruments.map(({ nativeSymbol }) => nativeSymbol)
  const frames = await listen(
    simulator.urls.kraken.ws,
    JSON.stringify({ method: 'subscribe', params: { channel: 'ohlc', symbol, interval: 1 } }),
  )
  const fromMs = Math.floor(simulator.now() / MINUTE_MS) * MINUTE_MS
  await clock.sleep(fromMs + 4 * MINUTE_MS + 8000 - simulator.now())

  const rows = frames
    .map((frame) => JSON.parse(frame))
    .flatMap(({ channel, data }) => (channel === 'ohlc' ? data : []))
  const said = (instrument: Instrument) => {
    const byMinute = new Map<number, string>()
    for (const row of rows) {
      const startMs = Date.parse(row.interval_begin)
      if (row.symbol !== instrument.nativeSymbol || startMs < fromMs || startMs >= fromMs + 4 * MINUTE_MS)
        continue
      byMinute.set(
        startMs,
        shown(startMs, [row.open, row.high, row.low, row.close, row.volume, row.vwap, row.trades]),
      )
    }
    return [...byMinute.values()]
  }
  const truth = (instrument: Instrument) =>
    simulator
      .truthOf(instrument, fromMs, fromMs + 4 * MINUTE_MS)
      .filter(({ tradeCount }) => tradeCount > 0)
      .map((candle) =>
        shown(candle.startMs, [
          candle.open,
          candle.high,
          candle.low,
          candle.close,
          candle.volume,
          candle.vwap ?? '',
          candle.tradeCount,
        ]),
      )

  expect(instruments.map(said)).toEqual(instruments.map(truth))
})
