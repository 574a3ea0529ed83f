import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Trade } from '../exchange/mapper.ts'
import { candlesOfTrades } from './candles-of-trades.ts'

const MINUTE_MS = 60_000

/** Trades as words, `7@2.5x3`: id 7, in minute 2.5, 3 units; all at the price of their id. */
function tradesOf(words: string): Trade[] {
  return words.split(' ').map((word) => {
    const [, id = '', minute, volume = '1'] = /^(\d+)@([\d.]+)(?:x([\d.]+))?$/.exec(word) ?? []
    return { id, atMs: Math.round(Number(minute) * MINUTE_MS), price: id, volume }
  })
}

/** `2:3!` minute 2 with three trades, final; `3q` quiet. */
function built(words: string, fromMinute = 0, toMinute = 100): string {
  return candlesOfTrades({
    nativeSymbol: 'BTC/USD',
    trades: tradesOf(words),
    fromMs: fromMinute * MINUTE_MS,
    toMs: toMinute * MINUTE_MS,
  })
    .map(({ row, isFinal, proof }) => {
      const minute = row.startMs / MINUTE_MS
      expect(row.isFinal).toBe(isFinal)
      expect(proof === null).toBe(!isFinal)
      return proof === 'silence' ? `${minute}q` : `${minute}:${row.prices.tradeCount}${isFinal ? '!' : ''}`
    })
    .join(' ')
}

describe('minutes', () => {
  test.each([
    ['are final with all of their trades', '1@1 2@1.9 3@2.5', '1:2! 2:1!'],
    ['without a trade are quiet between two that follow each other', '1@1 2@4.5', '1:1! 2q 3q 4:1!'],
    ['are the same whatever is repeated, in whatever order', '3@2.5 1@1 2@1.9 1@1 3@2.5', '1:2! 2:1!'],
    [
      'next to a missing trade are not final, nor those between quiet',
      '1@1 2@2 4@5 5@6',
      '1:1! 2:1 5:1 6:1!',
    ],
    ['in which a trade is missing are not final', '1@1 3@1.5 4@2.5', '1:2 2:1!'],
    ['before the first trade and after the last are unknown', '7@50', '50:1!'],
  ])('%s', (_, trades, candles) => {
    expect(built(trades)).toBe(candles)
  })

  test.each([
    ['that begin before what is covered are left out', 1.5, 100, '2q 3:1! 4:1!'],
    ['that go on after it are left out too', 0, 3.5, '1:1! 2q'],
    ['on its borders belong to it', 3, 4, '3:1!'],
  ])('%s', (_, fromMinute, toMinute, candles) => {
    expect(built('1@1 2@3 3@4', fromMinute, toMinute)).toBe(candles)
  })
})

test('sums are exact and a vwap has more digits than a double', () => {
  const trades: Trade[] = [
    { id: '1', atMs: 0, price: '105899.40000', volume: '0.10000000' },
    { id: '2', atMs: 59_999, price: '105900.1', volume: '0.20000000' },
    { id: '3', atMs: 59_999, price: '105899.30000', volume: '270638277.50461281' },
  ]

  const [candle] = candlesOfTrades({ nativeSymbol: 'BTC/USD', trades, fromMs: 0, toMs: MINUTE_MS })
  expect(candle?.row.prices).toEqual({
    open: '105899.40000',
    high: '105900.1',
    low: '105899.3',
    close: '105899.30000',
    volume: '270638277.80461281',
    quoteVolume: '28660404172714.203350033',
    vwap: '105899.3000000006281',
    tradeCount: '3',
  })
  expect(candle?.row.raw).toBe('')
})

test('a quiet minute is flat at the last close before it', () => {
  const [, quiet] = candlesOfTrades({
    nativeSymbol: 'BTC/USD',
    trades: tradesOf('7@1 8@1.5 9@3'),
    fromMs: 0,
    toMs: 4 * MINUTE_MS,
  })

  expect(quiet?.row.prices).toEqual({
    open: '8',
    high: '8',
    low: '8',
    close: '8',
    volume: '0',
    quoteVolume: undefined,
    vwap: undefined,
    tradeCount: '0',
  })
})

test('whatever is lost, repeated or out of order, a final minute has all of its trades and a quiet one none', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 150_000 }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(gaps, fc.infiniteStream(fc.nat(9)), (steps, dice) => {
      let atMs = 0
      const all = steps.map((step, i): Trade => {
        atMs += step
        return { id: String(i + 10), atMs, price: '1', volume: '1' }
      })
      const heard = all.filter(() => dice.next().value > 0)
      const shuffled = [...heard, ...heard.slice(-2)].sort(() => dice.next().value - 5)
      const endMs = (heard.at(-1)?.atMs ?? 0) + 1

      const candles = candlesOfTrades({ nativeSymbol: 'X', trades: shuffled, fromMs: 0, toMs: endMs })
      const first = heard[0]?.atMs ?? 0
      const wrong = candles.filter(({ row, isFinal }) => {
        const inIt = all.filter(({ atMs: ms }) => Math.floor(ms / MINUTE_MS) * MINUTE_MS === row.startMs)
        // What was lost before the first that was heard cannot be known: the range is said to be covered.
        const isKnown = row.startMs > first
        return isFinal && isKnown && Number(row.prices.tradeCount) !== inIt.length
      })
      expect(wrong).toEqual([])
    }),
  )
})
