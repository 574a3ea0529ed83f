import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aBinanceFrame, aKrakenFrame, FRAMES_START_MS } from '../../testing/frames.ts'
import { mapperOf } from '../exchange/index.ts'
import type { CandleRow, LandingLine, Origin } from '../record/index.ts'
import { hearRow } from './heard.ts'
import { openDelivery } from './index.ts'
import { knownSymbols } from './known-symbols.ts'
import { flatAfter } from './quiet.ts'

const MINUTE_MS = 60_000

function deliveryOf(exchange: string) {
  const mapper = mapperOf(exchange)
  if (mapper === undefined) throw new Error(exchange)
  return openDelivery({ mapper, instruments: [] })
}

function originOf(exchange: string, sequence: number): Origin {
  const receivedAtMs = FRAMES_START_MS + sequence
  return { exchange, feedId: 'c-b-0-kraken-1', sequence, receivedAtMs, monotonicNs: BigInt(sequence) }
}

/** `ETH` for lines of ETH, minute, trades; `!` final, `q` quiet, `†` a dead letter. */
function shown({ folder, text }: LandingLine): string {
  const line = JSON.parse(text)
  if (folder.startsWith('dead-letters')) return '†'
  const { native_symbol: symbol, interval_start: start, trade_count: trades, is_final: isFinal } = line.fields
  const minute = (Date.parse(start) - FRAMES_START_MS) / MINUTE_MS
  const name = symbol === 'BTC/USD' ? '' : String(symbol).slice(0, 3)
  if (line.proof === 'silence') return `${name}${minute}q`
  expect(line.proof).toBe(isFinal ? 'sent' : null)
  return `${name}${minute}:${trades}${isFinal ? '!' : ''}`
}

/**
 * Frames as words: `3:5` an update of minute 3 with 5 trades, `[1:2,3:5]` a snapshot, `ETH3:5` of another symbol,
 * `†` a broken frame, `†ETH` one surely of ETH, `?BTC` a doubt in BTC, `.` a heartbeat.
 */
function deliver(words: string): string {
  const delivery = deliveryOf('kraken')
  return words
    .split(' ')
    .map((word, sequence) => {
      if (word.startsWith('?')) {
        delivery.doubt(`${word.slice(1)}/USD`, true)
        return '?'
      }
      const { lines } = delivery.take(frameOf(word), originOf('kraken', sequence))
      const rows = lines
        .filter(({ folder }) => !folder.startsWith('dead'))
        .map(({ text }) => JSON.parse(text).row)
      expect(rows).toEqual(rows.map((_, i) => i))
      return lines.map(shown).join(' ')
    })
    .filter((text) => text !== '')
    .join(' | ')
}

function frameOf(word: string): string {
  if (word === '.') return '{"channel":"heartbeat"}'
  if (word === '†') return '{"channel":"ohlc","data":['
  if (word.startsWith('†')) return aKrakenFrame([{ symbol: `${word.slice(1)}/USD`, wire: { open: 'null' } }])
  const isSnapshot = word.startsWith('[')
  const candles = word.replace(/[[\]]/g, '').split(',').map(candleOf)
  return aKrakenFrame(candles, { type: isSnapshot ? 'snapshot' : 'update' })
}

function candleOf(text: string) {
  const [, name = '', minute, trades] = /^([A-Z]*)(\d+):(\d+)$/.exec(text) ?? []
  return { symbol: `${name || 'BTC'}/USD`, minute: Number(minute), trades: Number(trades) }
}

describe("Kraken's WebSocket", () => {
  test.each([
    ['a later row closes the one before', '1:5 1:9 2:1', '1:5 | 1:9 | 1:9! 2:1'],
    ['minutes between two rows were quiet', '1:5 4:1', '1:5 | 1:5! 2q 3q 4:1'],
    ['rows of a snapshot but the last close each other', '[1:5,2:3,4:2]', '1:5 1:5! 2:3 2:3! 3q 4:2'],
    ['the first update closes the last of the snapshot', '[1:5] 3:1', '1:5 | 1:5! 2q 3:1'],
    ['an acked symbol that stays silent makes no candle', '1:5 . . .', '1:5'],
    [
      'symbols do not close each other',
      '[1:5] [ETH1:7] ETH2:8 2:6',
      '1:5 | ETH1:7 | ETH1:7! ETH2:8 | 1:5! 2:6',
    ],
    [
      'a frame that cannot be read breaks every symbol',
      '[1:5] [ETH1:7] † 3:1 ETH3:1',
      '1:5 | ETH1:7 | † | 3:1 | ETH3:1',
    ],
    [
      'one surely of a symbol breaks that one alone',
      '[1:5] [ETH1:7] †ETH 2:1 ETH2:1',
      '1:5 | ETH1:7 | † | 1:5! 2:1 | ETH2:1',
    ],
    ['one of a symbol never heard breaks them all', '[1:5] †ETX 2:1', '1:5 | † | 2:1'],
    ['so does a candle of one: its name may be wrong', '[1:5] ETX1:7 2:1', '1:5 | ETX1:7 | 2:1'],
    [
      'a row of the same minute mends a break: rows are cumulative',
      '1:5 † 1:9 2:1',
      '1:5 | † | 1:9 | 1:9! 2:1',
    ],
    ['a new snapshot closes nothing before it', '1:5 [20:2,21:3]', '1:5 | 20:2 20:2! 21:3'],
    ['silence in doubt proves nothing, once', '1:5 ?BTC 4:1 6:1', '1:5 | ? | 4:1 | 4:1! 5q 6:1'],
    ['a row that says less than the one before breaks', '1:9 1:5 2:1', '1:9 | 1:5 | 2:1'],
    ['a row late for a closed minute corrects it', '1:5 2:1 1:7 3:1', '1:5 | 1:5! 2:1 | 1:7! | 3:1'],
    [
      'a row late for a quiet minute corrects it',
      '1:5 3:1 2:4 3:2 4:1',
      '1:5 | 1:5! 2q 3:1 | 2:4! | 3:2 | 3:2! 4:1',
    ],
    ['an older state of a closed minute corrects nothing', '1:5 2:1 1:3 3:1', '1:5 | 1:5! 2:1 | 1:3 | 3:1'],
    ['nor does any after something was lost', '1:5 2:1 † 1:7 3:1', '1:5 | 1:5! 2:1 | † | 1:7 | 3:1'],
    ['a row of before the first closed one is not final', '2:5 3:1 1:3', '2:5 | 2:5! 3:1 | 1:3'],
    ['more than a day of silence proves nothing', '1:5 1500:1', '1:5 | 1500:1'],
  ])('%s', (_, frames, landed) => {
    expect(deliver(frames)).toBe(landed)
  })
})

test('however frames are lost to dead letters, what is called final or quiet is what was sent', () => {
  const minute = fc.record({ gap: fc.integer({ min: 1, max: 4 }), updates: fc.integer({ min: 1, max: 3 }) })
  fc.assert(
    fc.property(
      fc.array(minute, { minLength: 2, maxLength: 12 }),
      fc.infiniteStream(fc.nat(4)),
      (minutes, dice) => {
        const truth = new Map<number, number>()
        const words: string[] = []
        let at = 0
        for (const { gap, updates } of minutes) {
          at += gap
          for (let i = 1; i <= updates; i++) words.push(`${at}:${i * 2}`)
          truth.set(at, updates * 2)
        }
        const heard = words.map((word) => (dice.next().value === 0 ? '†' : word))

        const landed = deliver(heard.join(' ')).split(/ \| | /)
        const wrong = landed.filter((word) => {
          if (word.endsWith('q')) return truth.has(Number(word.slice(0, -1)))
          const [, start, trades] = /^(\d+):(\d+)!$/.exec(word) ?? []
          return start !== undefined && truth.get(Number(start)) !== Number(trades)
        })
        expect(wrong).toEqual([])
      },
    ),
  )
})

test("a row that was closed is landed with its own text, in the closing frame's name; a quiet minute has none", () => {
  const delivery = deliveryOf('kraken')
  const [first] = delivery.take(aKrakenFrame([{ minute: 1 }]), originOf('kraken', 7)).lines
  const { lines } = delivery.take(aKrakenFrame([{ minute: 3, close: '85754.75' }]), originOf('kraken', 8))

  const [sent, quiet, row] = lines.map(({ text }) => JSON.parse(text))
  expect([sent.sequence, sent.row, sent.raw]).toEqual([8, 0, JSON.parse(first?.text ?? '').raw])
  expect([quiet.sequence, quiet.row, quiet.raw]).toEqual([8, 1, ''])
  expect([row.sequence, row.row, JSON.parse(row.raw).close]).toEqual([8, 2, 85754.75])
  expect(quiet.fields).toEqual({
    native_symbol: 'BTC/USD',
    quote_asset: 'USD',
    interval_start: '2026-10-06T18:02:00.000Z',
    open: '85754.7',
    high: '85754.7',
    low: '85754.7',
    close: '85754.7',
    volume: '0',
    quote_volume: null,
    vwap: null,
    trade_count: '0',
    is_final: true,
    source: 'ws',
    event_at: null,
  })
})

test("Binance's own word alone makes a minute final, and a later one closes nothing", () => {
  const delivery = deliveryOf('binance_us')
  const frames = [
    aBinanceFrame({ minute: 1, isFinal: false }),
    aBinanceFrame({ minute: 1 }),
    aBinanceFrame({ minute: 3, isFinal: false }),
    aBinanceFrame({ minute: 4, trades: 0 }),
    'corrupt',
    aBinanceFrame({ minute: 4 }),
  ]

  const landed = frames.flatMap((frame, i) => delivery.take(frame, originOf('binance_us', i)).lines)
  expect(landed.map(shown)).toEqual(['BTC1:14', 'BTC1:14!', 'BTC3:14', 'BTC4:0!', '†', 'BTC4:14!'])
  expect(landed[0]?.folder).toContain('exchange=binance_us/symbol=BTC-USD/')
  expect(JSON.parse(landed[0]?.text ?? '').fields.quote_asset).toBe('USDT')
})

test('frames that are no candles land nothing', () => {
  const delivery = deliveryOf('kraken')
  const taken = delivery.take('{"channel":"heartbeat"}', originOf('kraken', 0))

  expect(taken).toEqual({ parsed: { kind: 'heartbeat' }, lines: [] })
})

test('a hundred thousand made-up symbols are not all remembered', () => {
  const known = knownSymbols()
  const heard = hearRow(undefined, {} as CandleRow, {
    doesNextClose: true,
    doesSilenceProve: true,
    flat: flatAfter,
  })
  for (let i = 0; i < 100_000; i++) known.keep(`A${i}/USD`, heard.heard)

  const remembered = Array.from({ length: 100_000 }, (_, i) => known.recall(`A${i}/USD`)).filter(Boolean)
  expect(remembered.length).toBeLessThanOrEqual(20_000)
})
