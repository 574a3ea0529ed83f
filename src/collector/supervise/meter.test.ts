import { expect, test } from 'vitest'
import type { FeedStatus } from '../feed/feed.ts'
import { createMeter } from './meter.ts'

function aStatus(exchange: string, bytes: number, reconnects = 0): FeedStatus {
  return {
    exchange,
    kind: 'candles',
    state: 'live',
    connections: 1,
    symbolsLive: 1,
    symbolsStale: [],
    symbolsRejected: [],
    dataAgeS: {},
    frames: 0,
    bytes,
    records: 0,
    deadLetters: 0,
    reconnectsByCause: { silent: reconnects },
    lagMs: undefined,
    clockOffsetMs: undefined,
  }
}

test('a feed is measured by what it grew, per second and per minute', () => {
  const meter = createMeter()

  for (let second = 0; second <= 120; second += 1) {
    meter.add(1, [aStatus('kraken', 5000 + second * 300, Math.floor(second / 60))], second * 1000)
  }

  expect(meter.rates('kraken', 'candles')?.bytesPerSecond).toBeCloseTo(300, 0)
  expect(meter.rates('kraken', 'candles')?.reconnectsPerMinute).toBeCloseTo(1, 1)
})

test('less than a minute says nothing', () => {
  const meter = createMeter()
  meter.add(1, [aStatus('kraken', 0)], 0)
  meter.add(1, [aStatus('kraken', 9000)], 30_000)

  expect(meter.rates('kraken', 'candles')).toBeUndefined()
  expect(meter.rates('binance_us', 'candles')).toBeUndefined()
})

test('a new process that counts from nought takes nothing away', () => {
  const meter = createMeter()
  meter.add(1, [aStatus('kraken', 0)], 0)
  meter.add(1, [aStatus('kraken', 60_000)], 60_000)
  meter.forget(1)
  meter.add(2, [aStatus('kraken', 0)], 60_000)
  meter.add(2, [aStatus('kraken', 60_000)], 120_000)

  expect(meter.rates('kraken', 'candles')?.bytesPerSecond).toBeCloseTo(1000, 0)
})

test('a process that ended when it was replaced is no shard any more', () => {
  const meter = createMeter()
  for (let atMs = 0; atMs <= 120_000; atMs += 1000) meter.add(1, [aStatus('kraken', atMs)], atMs)
  for (let atMs = 0; atMs <= 400_000; atMs += 1000) meter.add(2, [aStatus('kraken', atMs)], 120_000 + atMs)

  expect(meter.rates('kraken', 'candles')?.bytesPerSecond).toBeCloseTo(1000, 0)
})

test('shards of one exchange add up', () => {
  const meter = createMeter()
  for (const atMs of [0, 60_000, 120_000]) {
    meter.add(1, [aStatus('kraken', atMs)], atMs)
    meter.add(2, [aStatus('kraken', atMs)], atMs)
  }

  expect(meter.rates('kraken', 'candles')?.bytesPerSecond).toBeCloseTo(2000, 0)
})
