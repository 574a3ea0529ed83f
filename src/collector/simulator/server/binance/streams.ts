import type { Venue } from '../venue.ts'
import { type SendPayload, streamKlines } from './kline-stream.ts'

/** Starts a stream by its name, `btcusdt@kline_1m`. Gives what stops it; undefined where nothing has this name. */
export function startStream(venue: Venue, stream: string, send: SendPayload): (() => void) | undefined {
  const [symbol = '', kind = ''] = stream.split('@')
  // Names in upper case are acknowledged like any other, and silent.
  if (symbol !== symbol.toLowerCase()) return undefined
  const listing = venue.market.find(venue.exchange, symbol.toUpperCase())
  if (listing === undefined) return undefined
  if (kind === 'kline_1m') return streamKlines(venue, listing, send)
  return undefined
}
