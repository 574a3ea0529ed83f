import { expect, test } from 'vitest'
import { parseTimeRange, partitionOf } from './partition.ts'

const shown = (text: string) => {
  const { startMs, endMs } = parseTimeRange(text)
  return `${new Date(startMs).toISOString().slice(0, 16)} → ${new Date(endMs).toISOString().slice(0, 16)}`
}

test.each([
  ['2024-05-01T13', '2024-05-01T13:00 → 2024-05-01T14:00'],
  ['2024-05-01', '2024-05-01T00:00 → 2024-05-02T00:00'],
  ['2024-02', '2024-02-01T00:00 → 2024-03-01T00:00'],
  ['2024', '2024-01-01T00:00 → 2025-01-01T00:00'],
  ['2024-05-01T13..2024-05-01T15', '2024-05-01T13:00 → 2024-05-01T16:00'],
  ['2024-05-01..2024-05-02T03', '2024-05-01T00:00 → 2024-05-02T04:00'],
])('%s is %s', (text, range) => {
  expect(shown(text)).toBe(range)
})

test.each([
  ['2024-02-30T00', 'a date that does not exist'],
  ['2024-05-01T24', 'hour 24'],
  ['2024-5-1', 'digits missing'],
  ['2024-05-02..2024-05-01', 'backwards'],
  ['', 'nothing'],
  ['a..b..c', 'three ends'],
])('rejects %j (%s)', (text) => {
  expect(() => parseTimeRange(text)).toThrow(expect.objectContaining({ code: 'KX_PARTITION_INVALID' }))
})

test('a time before 1970 falls in the hour that holds it', () => {
  expect(partitionOf(-1).key).toBe('1969-12-31T23')
  expect(partitionOf(-1, 'day').key).toBe('1969-12-31')
})
