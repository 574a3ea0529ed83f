import { expect, test } from 'vitest'
import type { CollectEvent } from '../../collector/status/collect-event.ts'
import { aCollectStatus, anExchangeStatus } from '../../testing/a-collect-status.ts'
import { anIo } from '../../testing/an-io.ts'
import { eventText } from './event-lines.ts'
import { openReport } from './report.ts'
import { bytesText, statusLines } from './status-lines.ts'

const kraken = anExchangeStatus({ messagesPerSecond: 12.34, lagMs: -75, landedBytes: 3_500_000 })
const binance = anExchangeStatus({
  ...{ exchange: 'binance_us', state: 'waiting', connections: 0, symbolsLive: 0, messagesPerSecond: 0 },
  ...{ symbolsStale: ['BTCUSDT'], deadLetters: 1, openMinutes: 1200 },
})

test('an exchange is one line, and what reads the landing another', () => {
  const load = { parts: 2, bytes: 2048, ageMs: 400, trouble: undefined, rows: 7, badLines: 0, failing: 0 }
  const upload = { parts: 3, bytes: 5000, ageMs: 0, trouble: 'refused' }
  const landing = { sinceSyncS: 0.5, pendingBytes: 0, freeBytes: 1, paused: ['ticks'] }

  expect(statusLines(aCollectStatus({ exchanges: [kraken, binance], load, upload, landing }))).toEqual([
    'kraken      live      1 connection  19 live  0 stale  0 rejected   12 msg/s  lag -75 ms  3.3 MiB',
    'binance_us  waiting  0 connections   0 live  1 stale  0 rejected  0.0 msg/s       lag –      0 B  1 dead letter  1,200 minutes open',
    'landing     synced 500 ms ago  disk full: no ticks  bronze 400 ms behind (2.0 KiB)  store takes nothing, 3 parts, 4.9 KiB wait',
  ])
})

test('on a narrow terminal what is as it should be is left out', () => {
  const load = { parts: 2, bytes: 2048, ageMs: 400, trouble: undefined, rows: 7, badLines: 0, failing: 0 }
  const upload = { parts: 3, bytes: 5000, ageMs: 0, trouble: undefined }
  const landing = { sinceSyncS: 0.5, pendingBytes: 0, freeBytes: 1, paused: [] }
  const open = { ...kraken, openMinutes: 1 }

  expect(statusLines(aCollectStatus({ exchanges: [open, binance], load, upload, landing }), 80)).toEqual([
    'kraken      live     19 live   12 msg/s  lag -75 ms  3.3 MiB  1 minute open',
    'binance_us  waiting   0 live  0.0 msg/s       lag –      0 B  1 stale  1 dead letter  1,200 minutes open',
    'landing     bronze 400 ms behind (2.0 KiB)  store 3 parts, 4.9 KiB to send',
  ])
})

test.each<[CollectEvent, string]>([
  [
    { type: 'log', level: 'warn', cause: 'x', message: 'kraken: silent', suppressed: 3 },
    'warn: kraken: silent (and 3 more like it)',
  ],
  [
    {
      type: 'worker',
      event: { type: 'worker_crashed', worker: 3, how: 'signal SIGKILL', attempt: 1 },
      feeds: [{ exchange: 'kraken', kind: 'candles', symbols: undefined, score: 1 }],
    },
    'warn: worker 3 (kraken candles) ended by itself: signal SIGKILL',
  ],
  [{ type: 'stopped', unloadedBytes: 0, unuploadedBytes: 0 }, 'stopped'],
  [
    { type: 'stopped', unloadedBytes: 2048, unuploadedBytes: 10 },
    'stopped; 2.0 KiB are not loaded, 10 B are not uploaded yet: the next start goes on with it',
  ],
  [{ type: 'stopping', cause: 'duration' }, 'stopping: the duration is over'],
])('%j reads as a line', (event, text) => {
  expect(eventText(event)).toBe(text)
})

const status: CollectEvent = { type: 'status', status: aCollectStatus({ exchanges: [kraken] }) }

test('on a terminal the live line is redrawn twice a second of the machine at most, other events come at once', () => {
  let [machineMs, shown] = [0, 0]
  const { io, err } = anIo()
  const show = () => {
    shown += 1
  }
  const report = openReport({ ...io, status: show }, { monotonicMs: () => machineMs })

  for (machineMs = 0; machineMs < 1000; machineMs += 10) report(status)
  report({ type: 'stopping', cause: 'duration' })

  expect(shown).toBe(2)
  expect(err).toEqual(['stopping: the duration is over'])
})

test('in a pipe a status is shown once in 30 s, other events at once', () => {
  const { io, out } = anIo({ clock: { now: () => 0, monotonicMs: () => 0, sleep: async () => true } })
  const report = openReport(io)

  for (let second = 0; second < 5; second += 1) report(status)
  report({ type: 'stopping', cause: 'duration' })

  expect(out).toHaveLength(3)
  expect(out[2]).toBe('1970-01-01T00:00:00Z  stopping: the duration is over')
})

test('as JSON every event is a line that a machine can read', () => {
  const { io, out } = anIo({ logFormat: 'json' })
  const report = openReport(io)

  report(status)
  report({ type: 'stopped', unloadedBytes: 0, unuploadedBytes: 0 })

  expect(out.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(['status', 'stopped'])
})

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [5 * 1024 ** 3, '5.0 GiB'],
  [3 * 1024 ** 5, '3072.0 TiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text)
})
