import { FIRST_MS, type ParseLine } from './candle.ts'
import type { LandingPath } from './landing.ts'
import { isTooLong, namingBadUtf8, type ParsedRecord, parseRecord } from './landing-record.ts'
import { parseIsoUs } from './time.ts'

/** Something that happened to a feed, as a line gave it: a scratch, like a candle. */
export interface FeedEvent {
  exchange: string
  feedId: string
  /** Canonical; undefined: the whole feed. */
  symbol: string | undefined
  event: string
  /** µs since the epoch. */
  atUs: number
  /** NaN: none. */
  attempt: number
  cause: string | undefined
  /** JSON. */
  details: string | undefined
}

/** A stretch of time in which a feed was up, as a line gave it. */
export interface FeedUptime {
  exchange: string
  feedId: string
  channel: string
  symbol: string | undefined
  /** µs since the epoch. */
  fromUs: number
  /** Exclusive. */
  toUs: number
  cause: string | undefined
}

/** An empty event. */
export function newFeedEvent(): FeedEvent {
  return {
    exchange: '',
    feedId: '',
    symbol: undefined,
    event: '',
    atUs: Number.NaN,
    attempt: Number.NaN,
    cause: undefined,
    details: undefined,
  }
}

/** An empty stretch. */
export function newFeedUptime(): FeedUptime {
  return {
    exchange: '',
    feedId: '',
    channel: '',
    symbol: undefined,
    fromUs: Number.NaN,
    toUs: Number.NaN,
    cause: undefined,
  }
}

/** A line of the connection events' landing. They are few: JSON is fast enough. */
export function eventLines(path: LandingPath): ParseLine<FeedEvent> {
  return feedLines(path, (event, fields) => {
    event.symbol = textOf(fields.symbol)
    event.event = textOf(fields.event) ?? ''
    event.atUs = timeOf(fields.event_at)
    event.attempt = Number.isSafeInteger(fields.attempt) ? (fields.attempt as number) : Number.NaN
    event.cause = textOf(fields.cause)
    const details = plainJson(fields.details ?? undefined, 0)
    event.details = details === undefined ? undefined : JSON.stringify(details)
    if (event.event === '') return 'no event'
    return event.atUs >= FIRST_MS * 1000 ? undefined : 'event_at is not a time'
  })
}

/** A line of the uptime's landing. */
export function uptimeLines(path: LandingPath): ParseLine<FeedUptime> {
  return feedLines(path, (uptime, fields) => {
    uptime.channel = textOf(fields.channel) ?? ''
    uptime.symbol = textOf(fields.symbol)
    uptime.fromUs = timeOf(fields.up_from)
    uptime.toUs = timeOf(fields.up_to)
    uptime.cause = textOf(fields.cause)
    if (uptime.channel === '') return 'no channel'
    if (!(uptime.fromUs >= FIRST_MS * 1000)) return 'up_from is not a time'
    return uptime.toUs >= uptime.fromUs ? undefined : 'up_to is not a time at or after up_from'
  })
}

function feedLines<Row extends { exchange: string; feedId: string }>(
  path: LandingPath,
  fill: (row: Row, fields: ParsedRecord['fields']) => string | undefined,
): ParseLine<Row> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  return namingBadUtf8((bytes, from, to, row) => {
    const record = parseRecord(decoder.decode(bytes.subarray(from, to)))
    if (typeof record === 'string') return record
    if (record.v !== 1) return 'not a landing record of version 1'
    row.exchange = textOf(record.fields.exchange) ?? path.exchange ?? ''
    row.feedId = textOf(record.feed_id) ?? ''
    if (row.exchange === '') return 'no exchange in the fields or the path'
    if (row.feedId === '') return 'no feed_id'
    if (isTooLong(row.exchange, row.feedId)) return 'a name is too long'
    return fill(row, record.fields)
  })
}

/** Undefined for what is no text, or an empty one. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? storable(value) : undefined
}

function timeOf(value: unknown): number {
  return typeof value === 'string' ? parseIsoUs(value) : Number.NaN
}

/** Postgres's text and jsonb know every sign but these: NUL, and half of a pair of surrogates. */
function storable(text: string): string {
  return text.replaceAll(/\0|\p{Surrogate}/gu, '')
}

const MAX_DEPTH = 32

/** JSON as jsonb takes it; what lies too deep in it is left out. */
function plainJson(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return storable(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth === MAX_DEPTH) return null
  if (Array.isArray(value)) return value.map((one) => plainJson(one, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [storable(key), plainJson(one, depth + 1)]),
  )
}
