import { binanceLines } from './binance.ts'
import { parseDecimal } from './bytes.ts'
import type { Candle, ParseLine } from './candle.ts'
import { eventLines, type FeedEvent, type FeedUptime, uptimeLines } from './feed-lines.ts'
import { type CsvHeader, genericCsvLines, isBinanceHeader, parseCsvHeader } from './generic-csv.ts'
import { krakenLines } from './kraken.ts'
import {
  isDeadLetter,
  type LandingPath,
  landingLines,
  parseLandingPath,
  type RecordKind,
  recordKinds,
} from './landing.ts'
import { type Tick, tickLines } from './tick.ts'

/** The formats of files to load, by the name that `--format` takes. */
export const formatNames = ['landing', 'binance', 'kraken', 'csv'] as const
export type FormatName = (typeof formatNames)[number]

/** How to read one file. */
export type FileFormat = FileShape & LineFormat

/** What the lines of a file are, and what reads them. Only landing has others than candles. */
export type LineFormat =
  | { readonly kind: 'candles'; readonly parse: ParseLine<Candle> }
  | { readonly kind: 'ticks'; readonly parse: ParseLine<Tick> }
  | { readonly kind: 'connection_events'; readonly parse: ParseLine<FeedEvent> }
  | { readonly kind: 'feed_uptime'; readonly parse: ParseLine<FeedUptime> }

/** A file, apart from its lines. */
interface FileShape {
  readonly name: FormatName
  /** Bytes and lines before the first line of data: a byte order mark, a header. */
  readonly dataOffset: number
  readonly dataLine: number
  /** The symbol that the file's name carries, in the exchange's own spelling. */
  readonly nativeSymbol: string | undefined
  /** Of all rows; NaN: each row says. */
  readonly intervalMs: number
  /** Whether a file of this kind may be written to now: then a last line without its end is left alone. */
  readonly isGrowing: boolean
  /** The first line of data: what tells one file's content from another's. */
  readonly firstLine: string
}

/** Why a file is not one to load. */
export interface Unrecognised {
  readonly reason: string
  /** It has no whole line yet: nothing to load, and nothing wrong. */
  readonly isWaiting?: boolean
}

/** How much is looked at: a bad first line must not hide what a file is. */
const PROBED_LINES = 20
const PROBED_BYTES = 65_536

interface Head {
  readonly name: string
  readonly path: LandingPath
  readonly dataOffset: number
  readonly lines: readonly string[]
  /** The first line has no end yet. */
  readonly isWaiting: boolean
  readonly hasHeader: boolean
  readonly forced: FormatName | undefined
  readonly header: CsvHeader | undefined
}

/**
 * Tells the format from a file's first bytes (uncompressed) and its name.
 *
 * @param name path with `/`, as the user gave it; for a member of an archive its own
 */
export function recognise(
  bytes: Uint8Array,
  name: string,
  forced: FormatName | undefined,
): FileFormat | Unrecognised {
  const path = parseLandingPath(name)
  if (isDeadLetter(name)) return { reason: 'dead letters are no data' }
  const encoding = encodingFault(bytes, isLandingPart(name, path))
  if (encoding !== undefined) return { reason: encoding }
  const dataOffset = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  // Latin-1 keeps byte counts and text lengths equal.
  const text = new TextDecoder('latin1').decode(bytes.subarray(dataOffset, dataOffset + PROBED_BYTES))
  const lines = text.split('\n', PROBED_LINES)
  const [first = ''] = lines
  const isCsv = /[,;\t]/.test(first) && !first.startsWith('{')
  const header = isCsv ? parseCsvHeader(first.replace(/\r$/, '')) : undefined
  const hasHeader = header !== undefined || (isCsv && /open/i.test(first))
  const isWaiting = lines.length < 2 && bytes.length < PROBED_BYTES
  const head: Head = { name, path, dataOffset, lines, isWaiting, hasHeader, forced, header }
  const format = forced ?? guess(head)
  if (format === undefined) return { reason: 'not a candle file: neither landing JSONL nor CSV of candles' }
  return readers[format](head)
}

function guess({ lines, header, name }: Head): FormatName | undefined {
  if (isBinanceHeader(lines[0] ?? '')) return 'binance'
  if (header) return 'csv'
  if (lines.some((line) => line.startsWith('{')) || /\.jsonl$/.test(name)) return 'landing'
  const widths = lines.map(numericWidth)
  return widths.includes(12) ? 'binance' : widths.includes(7) ? 'kraken' : undefined
}

/** How many columns a line of numbers has; one that is not a number is let pass. */
function numericWidth(line: string): number {
  const columns = line.replace(/\r$/, '').split(',')
  const numbers = columns.filter((column) => !Number.isNaN(parseDecimal(ascii(column), 0, column.length)))
  return numbers.length >= columns.length - 1 ? columns.length : 0
}

const readers: Readonly<Record<FormatName, (head: Head) => FileFormat | Unrecognised>> = {
  landing: (head) => {
    const { path } = head
    const kind = kindOf(head)
    if (typeof kind !== 'string') return kind
    return { ...common(head, false), ...landingReaders[kind](path), name: 'landing', isGrowing: true }
  },
  binance: (head) => {
    const [, symbol] = /^(.+)-\d+[smhd]-\d{4}-\d{2}(?:-\d{2})?(?:\.|$)/.exec(baseName(head.name)) ?? []
    return {
      ...common(head, head.hasHeader),
      name: 'binance',
      kind: 'candles',
      parse: binanceLines(),
      nativeSymbol: symbol,
    }
  },
  kraken: (head) => {
    const [, symbol, minutes] = /^([^_]+)_(\d{1,4})(?:\.|$)/.exec(baseName(head.name)) ?? []
    const intervalMs = Number(minutes ?? '1') * 60_000
    if (86_400_000 % intervalMs !== 0)
      return { reason: `candles of ${minutes} minutes, which do not divide a day` }
    const format = common(head, head.hasHeader)
    const lines = { kind: 'candles', parse: krakenLines(intervalMs) } as const
    return { ...format, ...lines, name: 'kraken', nativeSymbol: symbol, intervalMs }
  },
  csv: (head) => {
    if (!head.header)
      return { reason: 'the first line does not name time, open, high, low, close and volume' }
    return {
      ...common(head, true),
      name: 'csv',
      kind: 'candles',
      parse: genericCsvLines(head.header, 60_000),
      intervalMs: 60_000,
    }
  },
}

const landingReaders: Readonly<Record<RecordKind, (path: LandingPath) => LineFormat>> = {
  candles: (path) => ({ kind: 'candles', parse: landingLines(path) }),
  ticks: (path) => ({ kind: 'ticks', parse: tickLines(path) }),
  connection_events: (path) => ({ kind: 'connection_events', parse: eventLines(path) }),
  feed_uptime: (path) => ({ kind: 'feed_uptime', parse: uptimeLines(path) }),
}

/** A member of `fields` that only records of this kind have. */
const telling: readonly (readonly [RecordKind, RegExp])[] = [
  ['candles', /"fields":.*"interval_start":/],
  ['ticks', /"fields":.*"sampled":/],
  ['connection_events', /"fields":.*"event":/],
  ['feed_uptime', /"fields":.*"up_from":/],
]

/** By its folders; a part that was taken out of them by its lines. */
function kindOf({ path, lines, isWaiting }: Head): RecordKind | Unrecognised {
  const { channel, isCandles } = path
  const byFolder = isCandles ? 'candles' : recordKinds.find((known) => known === channel)
  if (channel !== undefined && byFolder === undefined)
    return { reason: `channel ${channel} is not one that kx loads` }
  if (byFolder !== undefined && !isWaiting) return byFolder
  const byLines = telling.find(([, pattern]) => lines.some((line) => pattern.test(line)))?.[0]
  if (byLines !== undefined && byFolder === undefined) return byLines
  return { reason: isWaiting ? 'no whole line yet' : 'JSON lines, but no records of kx', isWaiting }
}

function common({ dataOffset, lines }: Head, hasHeader: boolean): Omit<FileShape, 'name'> {
  const [first = '', second = ''] = lines
  return {
    dataOffset: dataOffset + (hasHeader ? first.length + 1 : 0),
    dataLine: hasHeader ? 2 : 1,
    nativeSymbol: undefined,
    intervalMs: Number.NaN,
    isGrowing: false,
    firstLine: hasHeader ? second : first,
  }
}

/** What lies in the folders of the landing is a part, whatever a broken disk put into it. */
function isLandingPart(name: string, { isCandles, channel }: LandingPath): boolean {
  return name.endsWith('.jsonl') && (isCandles || channel !== undefined)
}

function encodingFault(bytes: Uint8Array, isText: boolean): string | undefined {
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  if (isUtf16) return 'written in UTF-16; save it as UTF-8'
  return !isText && bytes.subarray(0, 4096).includes(0) ? 'not a text file' : undefined
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
