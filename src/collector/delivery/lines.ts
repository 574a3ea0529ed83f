import type { Instrument } from '../../base/index.ts'
import {
  type CandleRow,
  type ConnectionEvent,
  isoOf,
  type LandingLine,
  type Origin,
  type TickRow,
  type UptimeSegment,
} from '../record/index.ts'
import { candleFolder, channelFolder, deadLetterFolder, folderName } from './folders.ts'

/** One candle to land. Its prices are decimal texts, as mappers give them. */
export interface CandleRecord {
  readonly origin: Origin
  /** Of the records that the frame gave, from 0; derived ones count too. */
  readonly row: number
  /** What the feed subscribes to: `ohlc`, `kline_1m`. */
  readonly channel: string
  readonly source: 'ws' | 'rest'
  readonly candle: CandleRow
  readonly isFinal: boolean
  readonly proof: 'sent' | 'silence' | null
  readonly instrument: Pick<Instrument, 'symbol' | 'quoteAsset'>
}

/** A candle's line, byte for byte as docs/landing-format.md has it: the loader's fast way reads no other. */
export function candleLine(record: CandleRecord): LandingLine {
  const { origin, row, channel, source, candle, isFinal, proof, instrument } = record
  const { prices } = candle
  const folder = candleFolder(origin.exchange, instrument.symbol, candle.startMs)
  const symbol =
    folderName(instrument.symbol) === instrument.symbol ? '' : `"symbol":${quoted(instrument.symbol)},`
  const interval = candle.intervalMs === 60_000 ? '' : `"interval_seconds":"${candle.intervalMs / 1000}",`
  const fields =
    `{"native_symbol":${quoted(candle.nativeSymbol)},${symbol}"quote_asset":${quoted(instrument.quoteAsset)},` +
    `"interval_start":"${isoOf(candle.startMs)}",${interval}"open":${decimal(prices.open)},"high":${decimal(prices.high)},` +
    `"low":${decimal(prices.low)},"close":${decimal(prices.close)},"volume":${decimal(prices.volume)},` +
    `"quote_volume":${decimal(prices.quoteVolume)},"vwap":${decimal(prices.vwap)},` +
    `"trade_count":${decimal(prices.tradeCount)},"is_final":${isFinal},"source":"${source}",` +
    `"event_at":${quoted(candle.eventAt)}}`
  const proven = proof === null ? 'null' : `"${proof}"`
  const text = `${envelope(origin, origin.sequence, row, channel, proven)}"fields":${fields},"raw":${quoted(candle.raw)}}`
  return { folder, text }
}

/** One tick to land. */
export interface TickRecord {
  readonly origin: Origin
  readonly row: number
  readonly tick: TickRow
  readonly instrument: Pick<Instrument, 'symbol' | 'quoteAsset'>
}

/** A tick's line; its folder is of the hour it came in. */
export function tickLine({ origin, row, tick, instrument }: TickRecord): LandingLine {
  const fields =
    `{"native_symbol":${quoted(tick.nativeSymbol)},"symbol":${quoted(instrument.symbol)},` +
    `"quote_asset":${quoted(instrument.quoteAsset)},"price":${quoted(tick.price)},"bid":${quoted(tick.bid)},` +
    `"ask":${quoted(tick.ask)},"last":${quoted(tick.last)},"open":${quoted(tick.open)},` +
    `"high":${quoted(tick.high)},"low":${quoted(tick.low)},"base_volume":${quoted(tick.baseVolume)},` +
    `"quote_volume":${quoted(tick.quoteVolume)},"exchange_at":${quoted(tick.exchangeAt)},` +
    `"sampled":${tick.isSampled}}`
  return {
    folder: channelFolder(origin.exchange, 'ticks', origin.receivedAtMs),
    text: `${envelope(origin, origin.sequence, row, 'ticks', 'null')}"fields":${fields},"raw":${quoted(tick.raw)}}`,
  }
}

/** Where and when something happened to a feed: it came with no frame. */
export type FeedMoment = Omit<Origin, 'sequence'>

/** The line of an event of a feed; its folder is of the hour it happened in. */
export function eventLine(origin: FeedMoment, event: ConnectionEvent): LandingLine {
  const fields =
    `{"symbol":${quoted(event.symbol)},"event":${quoted(event.event)},"event_at":"${isoOf(event.atMs)}",` +
    `"attempt":${event.attempt ?? 'null'},"cause":${quoted(event.cause)},` +
    `"details":${event.details === undefined ? 'null' : JSON.stringify(event.details)}}`
  return {
    folder: channelFolder(origin.exchange, 'connection_events', event.atMs),
    text: `${envelope(origin, null, null, 'connection_events', 'null')}"fields":${fields},"raw":""}`,
  }
}

/** The line of a stretch of time in which a feed was up; its folder is of the hour it lies in. */
export function uptimeLine(origin: FeedMoment, segment: UptimeSegment): LandingLine {
  const fields =
    `{"channel":${quoted(segment.channel)},"symbol":${quoted(segment.symbol)},"up_from":"${isoOf(segment.fromMs)}",` +
    `"up_to":"${isoOf(segment.toMs)}","cause":${quoted(segment.cause)}}`
  return {
    folder: channelFolder(origin.exchange, 'feed_uptime', segment.fromMs),
    text: `${envelope(origin, null, null, 'feed_uptime', 'null')}"fields":${fields},"raw":""}`,
  }
}

/** A frame that could not be read. */
export interface DeadLetter {
  readonly origin: Origin
  /** The mapper's, or `ticks`; which parser it is for. */
  readonly channel: string
  readonly reason: string
  /** Whole. */
  readonly frame: string
}

/** The line of a dead letter. */
export function deadLetterLine({ origin, channel, reason, frame }: DeadLetter): LandingLine {
  return {
    folder: deadLetterFolder(origin.exchange, origin.receivedAtMs),
    text:
      `{"v":1,"exchange":${quoted(origin.exchange)},"feed_id":${quoted(origin.feedId)},"sequence":${origin.sequence},` +
      `"received_at":"${isoOf(origin.receivedAtMs)}","monotonic_ns":"${origin.monotonicNs}",` +
      `"channel":${quoted(channel)},"reason":${quoted(reason)},"frame":${quoted(frame)}}`,
  }
}

/** A line's members up to `fields`. */
function envelope(
  { feedId, receivedAtMs, monotonicNs }: FeedMoment,
  sequence: number | null,
  row: number | null,
  channel: string,
  proof: string,
): string {
  return (
    `{"v":1,"feed_id":${quoted(feedId)},"sequence":${sequence},"row":${row},"received_at":"${isoOf(receivedAtMs)}",` +
    `"monotonic_ns":"${monotonicNs}","channel":${quoted(channel)},"proof":${proof},`
  )
}

/** A text in quotes, escaped where it must be; null where there is none. */
function quoted(text: string | undefined): string {
  return text === undefined ? 'null' : JSON.stringify(text)
}

/** A decimal text needs no escapes: its mapper has looked at it. */
function decimal(text: string | undefined): string {
  return text === undefined ? 'null' : `"${text}"`
}
