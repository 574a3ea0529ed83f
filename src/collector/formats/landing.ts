import { type Candle, faultOf, type ParseLine, type Proof } from './candle.ts'
import { createRecord, isTooLong, namingBadUtf8, recordKeys } from './landing-record.ts'

/** What the records of a landing part are; each kind has its own table in bronze. */
export const recordKinds = ['candles', 'ticks', 'connection_events', 'feed_uptime'] as const
export type RecordKind = (typeof recordKinds)[number]

/** What the folders of a landing part say of all its lines. */
export interface LandingPath {
  readonly exchange: string | undefined
  readonly symbol: string | undefined
  /** The `channel=` of all that is not candles. */
  readonly channel: string | undefined
  /** Hive folders of candles: there is an interval. */
  readonly isCandles: boolean
  /** `exchange=…/…` to the file, without .gz: the name the ledger knows. */
  readonly relativePath: string | undefined
}

/** Reads the Hive folders (`exchange=kraken/symbol=BTC-USD/…`) of a path with `/`. */
export function parseLandingPath(path: string): LandingPath {
  const at = path.search(/(^|\/)exchange=/)
  const relativePath = at < 0 ? undefined : path.slice(path[at] === '/' ? at + 1 : at).replace(/\.gz$/, '')
  const folders = relativePath?.split('/').slice(0, -1) ?? []
  const value = (key: string) =>
    folders.find((folder) => folder.startsWith(key) && folder.length > key.length)?.slice(key.length)
  return {
    exchange: value('exchange='),
    symbol: value('symbol='),
    channel: value('channel='),
    isCandles: value('interval_minutes=') !== undefined,
    relativePath,
  }
}

/** Whether a path with `/` lies among the frames that could not be read. */
export function isDeadLetter(path: string): boolean {
  return /(^|\/)dead-letters\//.test(path)
}

/** What a candle's line may say, in the order in which kx writes it. */
const candleKeys = recordKeys([
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
  '.interval_start',
  '.interval_seconds',
  '.open',
  '.high',
  '.low',
  '.close',
  '.volume',
  '.quote_volume',
  '.vwap',
  '.trade_count',
  '.is_final',
  '.source',
  '.event_at',
  'raw',
])

type CandleRecord = ReturnType<typeof createRecord<(typeof candleKeys.keys)[number]>>

/** A line of kx's own landing: its finality and proof are as landed, nothing is inferred. */
export function landingLines(path: LandingPath): ParseLine {
  const record = createRecord(candleKeys)
  return namingBadUtf8(
    (bytes, from, to, candle) => record.read(bytes, from, to) ?? fill(candle, record, path),
  )
}

function fill(candle: Candle, record: CandleRecord, path: LandingPath): string | undefined {
  if (record.number('v') !== 1) return 'not a landing record of version 1'
  candle.exchange = record.text('.exchange') ?? path.exchange
  candle.symbol = record.text('.symbol') ?? path.symbol
  candle.nativeSymbol = record.text('.native_symbol')
  candle.quoteAsset = record.text('.quote_asset')
  if (candle.exchange === undefined) return 'no exchange in the fields or the path'
  if (candle.nativeSymbol === undefined) return 'no native_symbol'
  if (isTooLong(candle.exchange, candle.nativeSymbol, candle.symbol, candle.quoteAsset))
    return 'a name is too long'
  const proof = record.text('proof')
  candle.proof = proof === 'sent' || proof === 'silence' ? (proof satisfies Proof) : undefined
  const source = record.text('.source') ?? 'ws'
  if (source !== 'ws' && source !== 'rest' && source !== 'archive')
    return `source '${source}' is not ws, rest or archive`
  candle.source = source
  candle.feedId = record.text('feed_id')
  candle.sequence = record.whole('sequence')
  candle.row = record.whole('row')
  candle.receivedAtUs = record.timeUs('received_at')
  candle.eventAtUs = record.timeUs('.event_at')
  return fillNumbers(candle, record)
}

function fillNumbers(candle: Candle, record: CandleRecord): string | undefined {
  const seconds = record.number('.interval_seconds')
  candle.intervalMs = Number.isNaN(seconds) ? 60_000 : seconds * 1000
  if (!(candle.intervalMs >= 1000)) return 'interval_seconds is not a number of seconds'
  candle.startMs = record.timeUs('.interval_start') / 1000
  candle.open = record.number('.open')
  candle.high = record.number('.high')
  candle.low = record.number('.low')
  candle.close = record.number('.close')
  candle.volume = record.number('.volume')
  candle.quoteVolume = record.number('.quote_volume')
  candle.tradeCount = record.whole('.trade_count')
  // Kraken's REST says "0.0" for the vwap of a minute without trades: no price, so not reported.
  const vwap = record.number('.vwap')
  candle.vwap = candle.volume > 0 ? (vwap > 0 ? vwap : candle.quoteVolume / candle.volume) : Number.NaN
  candle.isFinal = record.isTrue('.is_final')
  return faultOf(candle)
}
