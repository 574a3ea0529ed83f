import { expect, test } from 'vitest'
import { aCollectStatus, anExchangeStatus } from '../../testing/a-collect-status.ts'
import type { FeedStatus } from '../feed/feed.ts'
import { degradedParts } from './degraded.ts'
import { createTotals } from './feed-totals.ts'
import { createFrameRates } from './frame-rates.ts'
import { createLandedBytes } from './landed-bytes.ts'
import { exchangeStatus } from './status.ts'
import { symbolLines } from './symbol-lines.ts'

function aFeed(feed: Partial<FeedStatus> = {}): FeedStatus {
  return {
    ...{ exchange: 'kraken', kind: 'candles', state: 'live', connections: 1, symbolsLive: 2 },
    ...{ symbolsStale: [], symbolsRejected: [], dataAgeS: {}, reconnectsByCause: {} },
    ...{ frames: 0, bytes: 0, records: 0, deadLetters: 0, lagMs: undefined, clockOffsetMs: undefined },
    ...feed,
  }
}

function anExchange(...feeds: readonly FeedStatus[]) {
  const rest = { totals: undefined, messagesPerSecond: 0, landedBytes: 0, openMinutes: undefined }
  return exchangeStatus({ exchange: 'kraken', feeds, ...rest })
}

test('one line of several feeds shows the worst of them', () => {
  expect(anExchange(aFeed(), aFeed({ kind: 'ticks', state: 'waiting' })).state).toBe('waiting')
  expect(anExchange(aFeed(), aFeed({ state: 'failed' }), aFeed({ state: 'paused' })).state).toBe('failed')
  expect(anExchange().state).toBe('starting')
})

test('live ticks of a symbol do not hide that its candles are silent', () => {
  const candles = aFeed({ dataAgeS: { 'BTC-USD/USD': 300, 'ETH-USD/USD': 1 } })
  const ticks = aFeed({ kind: 'ticks', dataAgeS: { 'BTC-USD/USD': 2 } })

  expect(anExchange(candles, ticks).dataAgeS).toEqual({ 'BTC-USD/USD': 300, 'ETH-USD/USD': 1 })
})

test('counts go on when a worker starts anew, and nothing is counted twice', () => {
  const totals = createTotals()
  totals.add(1, [aFeed({ frames: 10, reconnectsByCause: { silent: 1 } })])
  totals.add(1, [aFeed({ frames: 30, reconnectsByCause: { silent: 2 } })])
  totals.forget(1)
  totals.add(2, [aFeed({ frames: 5, reconnectsByCause: { stop: 1 } })])

  expect(totals.totals().get('kraken')).toMatchObject({
    frames: 35,
    reconnectsByCause: { silent: 2, stop: 1 },
  })
})

test('messages per second are those of the last ten seconds', () => {
  const rates = createFrameRates()
  for (let second = 0; second <= 60; second += 1) {
    rates.add(new Map([['kraken', second < 30 ? second * 100 : 3000 + (second - 30) * 10]]), second * 1000)
  }

  expect(rates.perSecond('kraken')).toBeCloseTo(10, 5)
  expect(rates.perSecond('okx')).toBe(0)
})

test('landed bytes are counted as parts grow, each once', () => {
  const landed = createLandedBytes()
  const path = 'exchange=kraken/channel=ticks/year=2024/month=05/day=01/hour=13/part-c-b-1-0.jsonl'
  landed.add([{ path, bytes: 100, isSealed: false }])
  landed.add([{ path, bytes: 150, isSealed: false }])
  landed.add([{ path, bytes: 150, isSealed: true }])

  expect([...landed.bytesByExchange()]).toEqual([['kraken', 150]])
})

test('what is degraded is said in words', () => {
  const symbols = ['A', 'B', 'C', 'D', 'E', 'F', 'G']
  const kraken = anExchangeStatus({
    symbolsStale: symbols,
    symbolsRejected: [{ symbol: 'XBT/USD', reason: 'unknown' }],
  })
  const worker = { worker: 1, pid: 1, residentBytes: 1, loopDelayP99Ms: 1, pendingBytes: 0 }
  const load = { parts: 1, bytes: 1, rows: 0, badLines: 0, failing: 2 }

  expect(
    degradedParts(
      aCollectStatus({
        exchanges: [kraken, anExchangeStatus({ exchange: 'okx', state: 'waiting' })],
        workers: [{ ...worker, phase: 'failed', attempts: 11, feeds: ['okx ticks'] }],
        load: { ...load, ageMs: 61_000, trouble: undefined },
        upload: { parts: 9, bytes: 1, ageMs: 5, trouble: 's3://b: ECONNREFUSED' },
        landing: { sinceSyncS: 1, pendingBytes: 0, freeBytes: 1, paused: ['ticks'] },
      }),
    ),
  ).toEqual([
    'kraken: stale A, B, C, D, E and 2 more',
    'kraken: rejected XBT/USD',
    'okx: waiting',
    'worker of okx ticks: failed, attempt 11',
    'warehouse: 61 s behind',
    'store: s3://b: ECONNREFUSED',
    'warehouse: 2 parts cannot be loaded',
    'disk: ticks are held back until there is space',
  ])
  expect(degradedParts(aCollectStatus({ exchanges: [anExchangeStatus()] }))).toEqual([])
})

test('rejected and stale symbols are named, with the reason', () => {
  const symbolsRejected = [{ symbol: 'XBT/USD', reason: 'Currency pair not supported' }]

  expect(symbolLines({ exchange: 'kraken', symbolsRejected, symbolsStale: ['ETH/USD'] })).toEqual([
    ['kraken_symbols_rejected', 'kraken: rejected: XBT/USD (Currency pair not supported)'],
    ['kraken_symbols_stale', 'kraken: stale: ETH/USD'],
  ])
  expect(symbolLines({ exchange: 'kraken', symbolsRejected: [], symbolsStale: [] })).toEqual([])
})
