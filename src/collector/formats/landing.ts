import { parseDecimal } from './bytes.ts'
import { type Candle, faultOf, type ParseLine, type Proof } from './candle.ts'
import { type LandingKey, landingKeys, newSlots, scanLanding } from './landing-scan.ts'
import { epochMs, parseIsoUs, parsePlainIsoUs } from './time.ts'

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
  const record = createRecord()
  return (bytes, from, to, candle) => {
    try {
      return record.read(bytes, from, to) ?? fill(candle, record, path)
    } catch (error) {
      if (error instanceof TypeError) return 'not UTF-8'
      throw error
    }
  }
}

/** The values of one line after the other. */
interface LandingRecord {
  /** @returns why the line is no landing record, or undefined */
  read(bytes: Uint8Array, from: number, to: number): string | undefined
  text(key: LandingKey): string | undefined
  number(key: LandingKey): number
  timeUs(key: LandingKey): number
  isTrue(key: LandingKey): boolean
}

const indexByKey = Object.fromEntries(landingKeys.map((key, i) => [key, i])) as Readonly<
  Record<LandingKey, number>
>

function createRecord(): LandingRecord {
  const slots = newSlots()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const lastTexts: string[] = landingKeys.map(() => '')
  let line: Uint8Array = new Uint8Array(0)

  function text(key: LandingKey): string | undefined {
    const i = indexByKey[key]
    const [start, end] = [slots.starts[i] as number, slots.ends[i] as number]
    if (start < 0 || slots.areTexts[i] === 0 || start === end) return undefined
    const last = lastTexts[i] as string
    // Names repeat from line to line.
    if (isAscii(line, start, end, last)) return last
    const value = decoder.decode(line.subarray(start, end))
    lastTexts[i] = value
    return value
  }
  function number(key: LandingKey): number {
    const i = indexByKey[key]
    return (slots.starts[i] as number) < 0
      ? Number.NaN
      : parseDecimal(line, slots.starts[i] as number, slots.ends[i] as number)
  }
  return {
    text,
    number,
    timeUs(key) {
      const i = indexByKey[key]
      if ((slots.starts[i] as number) < 0) return Number.NaN
      if (slots.areTexts[i] === 0) return epochMs(number(key)) * 1000
      const plain = parsePlainIsoUs(line, slots.starts[i] as number, slots.ends[i] as number)
      return plain ?? parseIsoUs(text(key) ?? '')
    },
    // Of true, false and null only one begins so.
    isTrue: (key) =>
      (slots.starts[indexByKey[key]] as number) >= 0 &&
      line[slots.starts[indexByKey[key]] as number] === 0x74 &&
      slots.areTexts[indexByKey[key]] === 0,
    read(bytes, from, to) {
      line = bytes
      if (scanLanding(bytes, from, to, slots)) return undefined
      const rewritten = rewrite(decoder.decode(bytes.subarray(from, to)))
      if (typeof rewritten === 'string') return rewritten
      line = rewritten
      return scanLanding(line, 0, line.length, slots) ? undefined : 'a text with quotes or backslashes'
    },
  }
}

function isAscii(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false
  return true
}

/** A line that is written in another way, as kx would write it; or why it is no record. */
function rewrite(text: string): Uint8Array | string {
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch {
    return 'not JSON'
  }
  if (!isRecord(line) || !isRecord(line.fields)) return 'no landing record: fields is missing'
  const { fields, ...record } = line
  const known = (values: Readonly<Record<string, unknown>>, prefix: '' | '.') =>
    Object.entries(values).filter(([key]) => key !== 'raw' && `${prefix}${key}` in indexByKey)
  const ordered = { ...Object.fromEntries(known(record, '')), fields: Object.fromEntries(known(fields, '.')) }
  return new TextEncoder().encode(JSON.stringify(ordered))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fill(candle: Candle, record: LandingRecord, path: LandingPath): string | undefined {
  if (record.number('v') !== 1) return 'not a landing record of version 1'
  candle.exchange = record.text('.exchange') ?? path.exchange
  candle.symbol = record.text('.symbol') ?? path.symbol
  candle.nativeSymbol = record.text('.native_symbol')
  candle.quoteAsset = record.text('.quote_asset')
  if (candle.exchange === undefined) return 'no exchange in the fields or the path'
  if (candle.nativeSymbol === undefined) return 'no native_symbol'
  const proof = record.text('proof')
  candle.proof = proof === 'sent' || proof === 'silence' ? (proof satisfies Proof) : undefined
  const source = record.text('.source') ?? 'ws'
  if (source !== 'ws' && source !== 'rest' && source !== 'archive')
    return `source '${source}' is not ws, rest or archive`
  candle.source = source
  candle.feedId = record.text('feed_id')
  candle.sequence = whole(record.number('sequence'))
  candle.row = whole(record.number('row'))
  candle.receivedAtUs = record.timeUs('received_at')
  candle.eventAtUs = record.timeUs('.event_at')
  return fillNumbers(candle, record)
}

function fillNumbers(candle: Candle, record: LandingRecord): string | undefined {
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
  candle.tradeCount = whole(record.number('.trade_count'))
  // Kraken's REST says "0.0" for the vwap of a minute without trades: no price, so not reported.
  const vwap = record.number('.vwap')
  candle.vwap = candle.volume > 0 ? (vwap > 0 ? vwap : candle.quoteVolume / candle.volume) : Number.NaN
  candle.isFinal = record.isTrue('.is_final')
  return faultOf(candle)
}

function whole(number: number): number {
  return Number.isSafeInteger(number) ? number : Number.NaN
}
