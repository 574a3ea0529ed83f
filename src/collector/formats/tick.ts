import { FIRST_MS, type ParseLine } from './candle.ts'
import type { LandingPath } from './landing.ts'
import { createRecord, isTooLong, namingBadUtf8, recordKeys } from './landing-record.ts'

/** One tick as a line gave it, in the exchange's own units: a scratch, like a candle. NaN: not reported. */
export interface Tick {
  exchange: string
  nativeSymbol: string
  symbol: string | undefined
  quoteAsset: string | undefined
  price: number
  bid: number
  ask: number
  last: number
  open: number
  high: number
  low: number
  baseVolume: number
  quoteVolume: number
  /** µs since the epoch; NaN: not reported. */
  exchangeAtUs: number
  receivedAtUs: number
  feedId: string
  sequence: number
  row: number
  isSampled: boolean
}

/** An empty tick. */
export function newTick(): Tick {
  return {
    exchange: '',
    nativeSymbol: '',
    symbol: undefined,
    quoteAsset: undefined,
    price: Number.NaN,
    bid: Number.NaN,
    ask: Number.NaN,
    last: Number.NaN,
    open: Number.NaN,
    high: Number.NaN,
    low: Number.NaN,
    baseVolume: Number.NaN,
    quoteVolume: Number.NaN,
    exchangeAtUs: Number.NaN,
    receivedAtUs: Number.NaN,
    feedId: '',
    sequence: Number.NaN,
    row: Number.NaN,
    isSampled: false,
  }
}

const numberKeys = [
  '.price',
  '.bid',
  '.ask',
  '.last',
  '.open',
  '.high',
  '.low',
  '.base_volume',
  '.quote_volume',
] as const

/** What a tick's line may say, in the order in which kx writes it. */
const tickKeys = recordKeys([
  'v',
  'feed_id',
  'sequence',
  'row',
  'received_at',
  'monotonic_ns',
  'channel',
  'proof',
  'fields',
  '.exchange',
  '.native_symbol',
  '.symbol',
  '.quote_asset',
  ...numberKeys,
  '.exchange_at',
  '.sampled',
  'raw',
])

type TickRecord = ReturnType<typeof createRecord<(typeof tickKeys.keys)[number]>>

/** A line of the ticks' landing. */
export function tickLines(path: LandingPath): ParseLine<Tick> {
  const record = createRecord(tickKeys)
  return namingBadUtf8((bytes, from, to, tick) => record.read(bytes, from, to) ?? fill(tick, record, path))
}

function fill(tick: Tick, record: TickRecord, path: LandingPath): string | undefined {
  if (record.number('v') !== 1) return 'not a landing record of version 1'
  tick.exchange = record.text('.exchange') ?? path.exchange ?? ''
  tick.nativeSymbol = record.text('.native_symbol') ?? ''
  tick.symbol = record.text('.symbol')
  tick.quoteAsset = record.text('.quote_asset')
  tick.feedId = record.text('feed_id') ?? ''
  tick.sequence = record.whole('sequence')
  tick.row = record.whole('row')
  tick.receivedAtUs = record.timeUs('received_at')
  tick.exchangeAtUs = record.timeUs('.exchange_at')
  tick.isSampled = record.isTrue('.sampled')
  if (tick.exchange === '') return 'no exchange in the fields or the path'
  if (tick.nativeSymbol === '') return 'no native_symbol'
  if (tick.feedId === '') return 'no feed_id'
  if (isTooLong(tick.exchange, tick.nativeSymbol, tick.symbol, tick.quoteAsset)) return 'a name is too long'
  if (!(tick.sequence >= 0 && tick.row >= 0)) return 'sequence or row is not a whole number of 0 or more'
  if (!(tick.receivedAtUs >= FIRST_MS * 1000)) return 'received_at is not a time'
  return fillNumbers(tick, record)
}

function fillNumbers(tick: Tick, record: TickRecord): string | undefined {
  let bad: string | undefined
  const number = (key: (typeof numberKeys)[number]): number => {
    const value = record.number(key)
    if (Number.isNaN(value) && record.has(key)) bad ??= key
    return value
  }
  tick.price = number('.price')
  tick.bid = number('.bid')
  tick.ask = number('.ask')
  tick.last = number('.last')
  tick.open = number('.open')
  tick.high = number('.high')
  tick.low = number('.low')
  tick.baseVolume = number('.base_volume')
  tick.quoteVolume = number('.quote_volume')
  return bad === undefined ? undefined : `${bad.slice(1)} is not a number`
}
