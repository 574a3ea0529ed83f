import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isoOf } from './iso.ts'

const at = fc.integer({ min: Date.parse('2009-01-03'), max: Date.parse('2100-01-01') })

test('a whole ms is written as Date writes it, whatever minutes came before', () => {
  fc.assert(
    fc.property(at, (ms) => {
      expect(isoOf(ms)).toBe(new Date(ms).toISOString())
    }),
    { numRuns: 1000 },
  )
})

test('every µs has its own text, which begins with its ms', () => {
  fc.assert(
    fc.property(at, fc.integer({ min: 1, max: 999 }), (ms, us) => {
      const text = isoOf((ms * 1000 + us) / 1000)

      expect(text).toBe(`${new Date(ms).toISOString().slice(0, -1)}${String(us).padStart(3, '0')}Z`)
    }),
    { numRuns: 1000 },
  )
})
