import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAny } from './parse-frame.ts'
import { parsePlainUpdate } from './plain-update.ts'

const UPDATE =
  '{"channel":"ohlc","type":"update","timestamp":"2026-10-06T18:06:02.264627814Z","data":[{"symbol":"BTC/USD","open":85754.8,"high":85754.8,"low":85754.7,"close":85754.8,"trades":5,"volume":0.00126522123456789012,"vwap":85754.7,"interval_begin":"2026-10-06T18:06:00.000000000Z","interval":1,"timestamp":"2026-10-06T18:07:00.000000Z"}]}'

test('an update read in one go is what it is when read slowly', () => {
  expect(parsePlainUpdate(UPDATE)).toEqual(parseAny(UPDATE))
  expect(parsePlainUpdate(UPDATE)).toMatchObject({ rows: [{ prices: { volume: '0.00126522123456789012' } }] })
})

test('whatever is done to an update, it is not read in another way than slowly', () => {
  let alike = 0
  const letters = fc.constantFrom(...'0123456789.-eE+",:{}[]TZ \\/aB\u0000é')
  const edit = fc.record({
    at: fc.nat(UPDATE.length),
    cut: fc.nat(3),
    put: fc.array(letters, { maxLength: 3 }),
  })
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      let frame = UPDATE
      for (const { at, cut, put } of edits) frame = frame.slice(0, at) + put.join('') + frame.slice(at + cut)
      const plain = parsePlainUpdate(frame)

      if (plain === undefined) return
      alike++
      expect(plain).toEqual(parseAny(frame))
    }),
    { numRuns: 3000 },
  )
  expect(alike).toBeGreaterThan(10)
})

test.each([
  ['a blank', UPDATE.replace('"data":', '"data": ')],
  ['a snapshot', UPDATE.replace('update', 'snapshot')],
  ['low above high', UPDATE.replace('"low":85754.7', '"low":85755.7')],
  [
    'a minute yet to come',
    UPDATE.replaceAll('18:06:00.0', '20:06:00.0').replaceAll('18:07:00.0', '20:07:00.0'),
  ],
  ['a number with a leading zero', UPDATE.replace('"trades":5', '"trades":05')],
])('%s is left to the slow way', (_, frame) => {
  expect(parsePlainUpdate(frame)).toBeUndefined()
})
