import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  breakSettling,
  type DeliveredRow,
  type DeliveryRules,
  type SettledRow,
  type Settling,
  settleRow,
} from './settle.ts'

const MINUTE = 60_000

interface Row extends DeliveredRow {
  readonly volume: number
}

const flat = (last: Row, startMs: number): Row => ({ ...last, startMs, volume: 0, isFinal: true })
const archive: DeliveryRules<Row> = { doesNextClose: false, doesSilenceProve: true, flat }
const kraken: DeliveryRules<Row> = { doesNextClose: true, doesSilenceProve: true, flat }
const binance: DeliveryRules<Row> = { doesNextClose: false, doesSilenceProve: false, flat }

/** Minutes as rows, `!` for final, `|` for a break: `1! 3! | 7!`; what is landed comes back likewise, `q` for quiet. */
function settle(text: string, rules: DeliveryRules<Row>): string {
  let settling: Settling<Row> | undefined
  const landed: SettledRow<Row>[] = []
  for (const word of text.split(' ')) {
    if (word === '|') settling = breakSettling(settling)
    else {
      const minute = Number.parseInt(word, 10)
      const row = {
        startMs: minute * MINUTE,
        intervalMs: MINUTE,
        close: minute,
        isFinal: word.endsWith('!'),
        volume: 1,
      }
      const step = settleRow(settling, row, rules)
      landed.push(...step.landed)
      settling = step.settling
    }
  }
  return landed.map(shown).join(' ')
}

function shown({ row, isFinal, proof }: SettledRow<Row>): string {
  const minute = row.startMs / MINUTE
  return proof === 'silence' ? `${minute}q${row.close}` : `${minute}${isFinal ? '!' : ''}`
}

describe('an archive', () => {
  test.each([
    ['1! 2! 3!', '1! 2! 3!'],
    ['1! 4! 5!', '1! 2q1 3q1 4! 5!'],
    ['1! | 4! 6!', '1! 4! 5q4 6!'],
    ['| 1! 3!', '1! 2q1 3!'],
    ['1! 1! 3!', '1! 1! 2q1 3!'],
    ['5! 2! 7! 9!', '5! 2! 7! 8q7 9!'],
  ])('%s lands %s', (rows, landed) => {
    expect(settle(rows, archive)).toBe(landed)
  })
})

describe("Kraken's WebSocket, where a later row closes the one before", () => {
  test.each([
    ['1 1 2', '1 1 1! 2'],
    ['1 4', '1 1! 2q1 3q1 4'],
    ['1 | 4 5', '1 4 4! 5'],
    ['3 1 4 5', '3 1 4 4! 5'],
  ])('%s lands %s', (rows, landed) => {
    expect(settle(rows, kraken)).toBe(landed)
  })
})

describe("Binance's WebSocket, which says so itself", () => {
  test.each([
    ['1 1! 2 2!', '1 1! 2 2!'],
    ['1 3 3!', '1 3 3!'],
  ])('%s lands %s', (rows, landed) => {
    expect(settle(rows, binance)).toBe(landed)
  })
})

test('an unbroken archive lands every minute from its first row to its last exactly once', () => {
  const minutes = fc.uniqueArray(fc.nat(200), { minLength: 1 }).map((list) => list.sort((a, b) => a - b))
  fc.assert(
    fc.property(minutes, (rows) => {
      const landed = settle(rows.map((minute) => `${minute}!`).join(' '), archive).split(' ')

      const first = rows[0] ?? 0
      expect(landed.map((word) => Number.parseInt(word, 10))).toEqual(
        Array.from({ length: (rows.at(-1) ?? 0) - first + 1 }, (_, i) => first + i),
      )
      expect(landed.filter((word) => word.endsWith('!')).length).toBe(rows.length)
    }),
  )
})

test('a break keeps exactly its own gap unknown', () => {
  const minutes = fc.uniqueArray(fc.nat(100), { minLength: 2 }).map((list) => list.sort((a, b) => a - b))
  fc.assert(
    fc.property(minutes, fc.nat(), (rows, seed) => {
      const at = 1 + (seed % (rows.length - 1))
      const words = rows.map((minute) => `${minute}!`)
      const broken = settle([...words.slice(0, at), '|', ...words.slice(at)].join(' '), archive).split(' ')
      const whole = settle(words.join(' '), archive).split(' ')

      const [before, after] = [rows[at - 1] ?? 0, rows[at] ?? 0]
      const isOutside = (word: string) =>
        !(Number.parseInt(word, 10) > before && Number.parseInt(word, 10) < after)
      expect(broken).toEqual(whole.filter(isOutside))
    }),
  )
})
