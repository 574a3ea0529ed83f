import type { Clock, Instrument } from '../../base/index.ts'
import { eventLine, type FeedMoment } from '../delivery/index.ts'
import type { FeedContext } from './feed.ts'
import type { Told } from './machine-types.ts'

/** Whose event it is. */
export interface Noted {
  readonly exchange: string
  readonly feedId: string
  /** Undefined: the whole feed's. */
  readonly instrument: Instrument | undefined
}

/** Lands an event of a feed, and says it to the operator if it is worth that. */
export function noteEvent(
  context: Pick<FeedContext, 'clock' | 'land' | 'log'>,
  told: Told,
  noted: Noted,
): void {
  const { clock, land, log } = context
  const { event, attempt, cause, level } = told
  const { exchange, instrument } = noted
  const details = detailsOf(told, instrument)
  const symbol = instrument?.symbol
  land([eventLine(momentOf(clock, noted), { symbol, event, atMs: clock.now(), attempt, cause, details })])
  if (level === undefined) return
  const of = told.symbol === undefined ? exchange : `${exchange} ${told.symbol}`
  log(level, `${event} ${of}`, `${of}: ${event.replaceAll('_', ' ')}${reasonOf(told)}`)
}

/** Where and when something happens to a feed now. */
export function momentOf(
  clock: Clock,
  { exchange, feedId }: { readonly exchange: string; readonly feedId: string },
): FeedMoment {
  const monotonicNs = BigInt(Math.round(clock.monotonicMs() * 1e6))
  return { exchange, feedId, receivedAtMs: clock.now(), monotonicNs }
}

/** Two quotes of one symbol are two: the exchange's own name tells them apart. */
function detailsOf({ details }: Told, instrument: Instrument | undefined): Told['details'] {
  if (instrument === undefined) return details
  return { native_symbol: instrument.nativeSymbol, quote_asset: instrument.quoteAsset, ...details }
}

/** `rejected (unlisted: the exchange does not list it)`, `disconnected (closed_by_exchange: code 1001)`. */
function reasonOf({ event, cause, details }: Told): string {
  const said = Object.entries(details ?? {})
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([key, value]) => (key === 'reason' ? String(value) : named(key, value)))
    .join(', ')
  const parts = [cause === event ? undefined : cause, said].filter(
    (part) => part !== undefined && part !== '',
  )
  return parts.length === 0 ? '' : ` (${parts.join(': ')})`
}

/** `code 1001`, `retry in 500 ms`. */
function named(key: string, value: unknown): string {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return `${key.replaceAll('_', ' ').replace(/ ms$/, '')} ${text}${key.endsWith('_ms') ? ' ms' : ''}`
}
