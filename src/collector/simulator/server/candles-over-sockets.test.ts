import { expect, test } from 'vitest'
import type { Instrument } from '../../../base/index.ts'
import { aFastClock, aSimulator, aSocket } from '../../../testing/a-simulator.ts'
import { simulatedInstruments } from '../index.ts'

const MINUTE_MS = 60_000

const shown = (startMs: number, values: readonly (string | number)[]) =>
  `${new Date(startMs).toISOString().slice(11, 16)} ${values.map(Number).join(' ')}`

test('what Binance calls final is the truth, quiet minutes included', async () => {
  const clock = aFastClock(300)
  const instruments = simulatedInstruments.filter(({ exchange }) => exchange === 'binance_us')
  const simulator = await aSimulator({ clock, instruments })
  const streams = instruments.map(({ nativeSymbol }) => `${nativeSymbol.toLowerCase()}@kline_1m`)
  const { frames } = await aSocket(`${simulator.urls.binance_us.ws}/stream?streams=${streams.join('/')}`)
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
  const clock = aFastClock(300)
  const instruments = simulatedInstruments.filter(({ exchange }) => exchange === 'kraken')
  const simulator = await aSimulator({ clock, instruments })
  const symbol = instruments.map(({ nativeSymbol }) => nativeSymbol)
  const { frames, send } = await aSocket(simulator.urls.kraken.ws)
  send({ method: 'subscribe', params: { channel: 'ohlc', symbol, interval: 1 } })
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
