import { describe, expect, test } from 'vitest'
import type { CandleRow } from '../record/index.ts'
import { settleAnswerRows } from './settle-answer.ts'

const MINUTE_MS = 60_000

/** Minutes of an answer that was asked at `serverMinute`; `!` final, `q` quiet. */
function settled(minutes: readonly number[], serverMinute: number, doesSilenceProve = false): string {
  const rows = minutes.map(
    (minute): CandleRow => ({
      nativeSymbol: 'BTC-USD',
      startMs: minute * MINUTE_MS,
      intervalMs: MINUTE_MS,
      close: 1,
      isFinal: false,
      prices: {
        open: '1',
        high: '1',
        low: '1',
        close: '1',
        volume: '1',
        quoteVolume: undefined,
        vwap: undefined,
        tradeCount: undefined,
      },
      eventAt: undefined,
      raw: '[]',
    }),
  )
  const rules = { doesNextClose: false, doesSilenceProve }
  const ask = { nativeSymbol: 'BTC-USD', fromMs: 10 * MINUTE_MS, toMs: 20 * MINUTE_MS }
  return settleAnswerRows({
    mapper: { rest: { rules } as Parameters<typeof settleAnswerRows>[0]['mapper']['rest'] },
    ask,
    rows,
    serverMs: serverMinute * MINUTE_MS,
  })
    .map(({ row, isFinal, proof }) => {
      const minute = row.startMs / MINUTE_MS
      return proof === 'silence' ? `${minute}q` : `${minute}${isFinal ? '!' : ''}`
    })
    .join(' ')
}

describe('a REST answer', () => {
  test.each([
    ['is final a minute after the end of each row', [10, 11, 12], 13, '10! 11! 12'],
    ['has nothing final in the minute after', [12], 13.99, '12'],
    ['is taken only where it was asked for', [9, 10, 19, 20], 60, '10! 19!'],
    ['that is empty proves nothing', [], 60, ''],
    ['proves no silence where quiet minutes are sent', [10, 13], 60, '10! 13!'],
  ])('%s', (_, minutes, serverMinute, landed) => {
    expect(settled(minutes, serverMinute)).toBe(landed)
  })

  test.each([
    ['proves quiet what lies between two final rows', [10, 13], 60, '10! 11q 12q 13!'],
    ['proves nothing before the first row and after the last', [12], 60, '12!'],
    ['proves nothing before a row that may still run', [10, 13], 14.5, '10! 13'],
  ])('of an exchange that omits quiet minutes %s', (_, minutes, serverMinute, landed) => {
    expect(settled(minutes, serverMinute, true)).toBe(landed)
  })
})
