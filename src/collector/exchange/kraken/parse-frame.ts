import type { ParsedFrame } from '../mapper.ts'
import { malformed } from '../wire/frame.ts'
import { isRecord, type JsonRecord, parseJson, shown, wholeOf } from '../wire/json.ts'
import { utcMs } from '../wire/time.ts'
import { isPair, parseOhlc } from './ohlc.ts'
import { parsePlainUpdate } from './plain-update.ts'

/** Channels that are not collected. */
const OTHER_CHANNELS = new Set([
  ...['ticker', 'trade', 'book', 'level3', 'instrument'],
  ...['executions', 'balances'],
])

/**
 * A frame of Kraken's WebSocket v2.
 *
 * @see https://docs.kraken.com/api/docs/websocket-v2/ohlc
 */
export function parseFrame(frame: string): ParsedFrame {
  return parsePlainUpdate(frame) ?? parseAny(frame)
}

/** Any frame, however it is written. */
export function parseAny(frame: string): ParsedFrame {
  const message = parseJson(frame)
  if (!isRecord(message)) return malformed('not a JSON object')
  const { channel } = message
  if (channel === 'ohlc') return parseOhlc(frame, message)
  if (channel === 'heartbeat') return { kind: 'heartbeat' }
  if (channel === 'status') return parseStatus(message)
  if (typeof channel === 'string' && OTHER_CHANNELS.has(channel)) return { kind: 'ignored' }
  if (channel !== undefined) return malformed('an unknown channel')
  if (message.method === 'pong') return parsePong(message)
  return 'method' in message || 'error' in message ? parseReply(message) : malformed('an unknown frame')
}

function parseStatus({ data }: JsonRecord): ParsedFrame {
  const [state] = Array.isArray(data) ? (data as unknown[]) : []
  const system = isRecord(state) ? state.system : undefined
  return typeof system === 'string' && /^[a-z_]{1,40}$/.test(system)
    ? { kind: 'status', status: system }
    : malformed('a status without a state')
}

function parsePong({ time_out: timeOut }: JsonRecord): ParsedFrame {
  const serverMs = utcMs(timeOut)
  return Number.isNaN(serverMs) ? { kind: 'heartbeat' } : { kind: 'heartbeat', serverMs }
}

/** One per symbol, whatever the request named. */
function parseReply(message: JsonRecord): ParsedFrame {
  const { method, success, result, error, req_id: id } = message
  const requestId = wholeOf(id)
  const named = isRecord(result) ? result.symbol : message.symbol
  const nativeSymbol = isPair(named) ? named : undefined
  if (success === true && typeof method === 'string') {
    const isCandles = isRecord(result) && result.channel === 'ohlc'
    return isCandles && method === 'subscribe'
      ? { kind: 'acknowledged', requestId, nativeSymbol }
      : { kind: 'ignored' }
  }
  if (error === undefined) return malformed('a reply that says neither success nor error')
  const reason = shown(error)
  if (/^already subscribed/i.test(reason)) return { kind: 'acknowledged', requestId, nativeSymbol }
  // That is no word about a symbol: it is asked for again, like any that got no answer.
  if (/^exceeded msg rate/i.test(reason))
    return { kind: 'rejected', requestId: undefined, nativeSymbol: undefined, reason }
  return { kind: 'rejected', requestId, nativeSymbol, reason }
}
