import { expect, test } from 'vitest'
import { KxError } from '../../base/index.ts'
import { eventLine } from './json-event.ts'

const NOON_MS = Date.parse('2024-05-01T12:00:00Z')

test.each([
  [{ blockedBy: 'silver.a' }, { blocked_by: 'silver.a' }],
  [{ fromMs: NOON_MS, toMs: undefined }, { from: '2024-05-01T12:00:00.000Z' }],
  [{ openFromMs: NOON_MS }, { open_from: '2024-05-01T12:00:00.000Z' }],
  [{ startMs: Number.NaN }, { start: null }],
  [
    { durationMs: 5, waitMs: 6 },
    { duration_ms: 5, wait_ms: 6 },
  ],
  [{ instruments: [{ nativeSymbol: 'BTC/USD' }] }, { instruments: [{ native_symbol: 'BTC/USD' }] }],
  [{ environment: { KX_A_URL: 'x' }, of: { BTCUSDT: 1, 'a.b': 2 } }, null],
  [
    { error: new KxError('KX_USAGE', 'wrong', { hint: 'Right it.', at: { file: 'a.yml' } }) },
    { error: { code: 'KX_USAGE', message: 'wrong', hint: 'Right it.', at: { file: 'a.yml' } } },
  ],
])('%j is told in snake_case with ISO times', (fields, expected) => {
  expect(JSON.parse(eventLine('a.file-loaded', fields))).toEqual({
    type: 'a.file_loaded',
    ...(expected ?? fields),
  })
})
