import { parseDecimalText } from './bytes.ts'
import { type Candle, type CandleSource, faultOf, type ParseLine, type Proof } from './candle.ts'
import { epochMs, parseIsoUs } from './time.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const BRACE = 0x7d
const RAW = Buffer.from(',"raw":"')

/** The `fields` of a candle's landing line; numbers are the exchange's decimal strings. */
export interface LandingCandleFields {
  readonly native_symbol?: string
  readonly exchange?: string
  readonly symbol?: string
  readonly quote_asset?: string
  /** ISO 8601, UTC. */
  readonly interval_start: string
  /** Default '60'. */
  readonly interval_seconds?: string
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
  readonly quote_volume?: string | null
  readonly vwap?: string | null
  readonly trade_count?: string | null
  readonly is_final?: boolean
  readonly source?: CandleSource
  /** ISO 8601, the exchange's clock. */
  readonly event_at?: string | null
}

/** What the folders of a landing part say of all its lines. */
export interface LandingPath {
  readonly exchange: string | undefined
  readonly symbol: string | undefined
  /** `exchange=…/…` to the file, without .gz: the name the ledger knows. */
  readonly relativePath: string | undefined
}

/** Reads the Hive folders (`exchange=kraken/symbol=BTC-USD/…`) of a path with `/`. */
export function parseLandingPath(path: string): LandingPath {
  const at = path.search(/(^|\/)exchange=/)
  if (at < 0) return { exchange: undefined, symbol: undefined, relativePath: undefined }
  const relativePath = path.slice(path[at] === '/' ? at + 1 : at).replace(/\.gz$/, '')
  const value = (key: string) => new RegExp(`(?:^|/)${key}=([^/]+)/`).exec(relativePath)?.[1]
  return { exchange: value('exchange'), symbol: value('symbol'), relativePath }
}

/** A line of kx's own landing: its finality and proof are as landed, nothing is inferred. */
export function landingLines(path: LandingPath): ParseLine {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  return (bytes, from, to, candle) => {
    let line: unknown
    try {
      line = parseWithoutRaw(decoder, bytes, from, to) ?? JSON.parse(decoder.decode(bytes.subarray(from, to)))
    } catch (error) {
      return error instanceof SyntaxError ? 'not JSON' : 'not UTF-8'
    }
    if (!isRecord(line) || !isRecord(line.fields)) return 'no landing record: fields is missing'
    if (line.v !== 1) return `landing version ${JSON.stringify(line.v) ?? 'missing'}, this kx knows 1`
    return readRecord(line, line.fields, candle, path)
  }
}

function readRecord(
  line: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, unknown>>,
  candle: Candle,
  path: LandingPath,
): string | undefined {
  candle.exchange = text(fields.exchange) ?? path.exchange
  candle.symbol = text(fields.symbol) ?? path.symbol
  candle.nativeSymbol = text(fields.native_symbol)
  candle.quoteAsset = text(fields.quote_asset)
  if (candle.exchange === undefined) return 'no exchange in the fields or the path'
  if (candle.nativeSymbol === undefined) return 'no native_symbol'
  readNumbers(fields, candle)
  if (!(candle.intervalMs >= 1000)) return 'interval_seconds is not a number of seconds'
  candle.isFinal = fields.is_final === true
  candle.proof = line.proof === 'sent' || line.proof === 'silence' ? (line.proof as Proof) : undefined
  const source = fields.source ?? 'ws'
  if (source !== 'ws' && source !== 'rest' && source !== 'archive')
    return `source '${String(source)}' is not ws, rest or archive`
  candle.source = source
  candle.feedId = text(line.feed_id)
  candle.sequence = whole(line.sequence)
  candle.row = whole(line.row)
  candle.receivedAtUs = timeUs(line.received_at)
  candle.eventAtUs = timeUs(fields.event_at)
  return faultOf(candle)
}

function readNumbers(fields: Readonly<Record<string, unknown>>, candle: Candle): void {
  candle.intervalMs = fields.interval_seconds === undefined ? 60_000 : decimal(fields.interval_seconds) * 1000
  candle.startMs = timeUs(fields.interval_start) / 1000
  candle.open = decimal(fields.open)
  candle.high = decimal(fields.high)
  candle.low = decimal(fields.low)
  candle.close = decimal(fields.close)
  candle.volume = decimal(fields.volume)
  candle.quoteVolume = decimal(fields.quote_volume)
  candle.tradeCount = decimal(fields.trade_count)
  // Kraken's REST says "0.0" for the vwap of a minute without trades: no price, so not reported.
  const vwap = decimal(fields.vwap)
  candle.vwap = candle.volume > 0 ? (vwap > 0 ? vwap : candle.quoteVolume / candle.volume) : Number.NaN
}

/**
 * The line without its last member, `raw`: it is half of the text, escaped throughout, and not for bronze.
 *
 * @returns undefined if the line is not built so; then all of it must be parsed
 */
function parseWithoutRaw(
  decoder: InstanceType<typeof TextDecoder>,
  bytes: Uint8Array,
  from: number,
  to: number,
): unknown {
  const end = to - 2
  const isWhole = bytes[end] === QUOTE && bytes[to - 1] === BRACE && bytes[end - 1] !== BACKSLASH
  const cut = isWhole ? Buffer.from(bytes.buffer, bytes.byteOffset, to).indexOf(RAW, from) : -1
  if (cut < 0 || cut + RAW.length > end) return undefined
  try {
    return JSON.parse(`${decoder.decode(bytes.subarray(from, cut))}}`)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function decimal(value: unknown): number {
  return typeof value === 'string' ? parseDecimalText(value) : typeof value === 'number' ? value : Number.NaN
}

function whole(value: unknown): number {
  const number = decimal(value)
  return Number.isSafeInteger(number) ? number : Number.NaN
}

function timeUs(value: unknown): number {
  if (typeof value === 'number') return epochMs(value) * 1000
  return typeof value === 'string' ? parseIsoUs(value) : Number.NaN
}
