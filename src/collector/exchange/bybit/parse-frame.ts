import type { CandleRow } from '../../record/index.ts'
import type { ParsedFrame } from '../mapper.ts'
import { candleOf, isSymbol, isTooEarly, MINUTE_MS } from '../wire/candle.ts'
import { malformed } from '../wire/frame.ts'
import { isRecord, type JsonRecord, parseJson, shown, textOf } from '../wire/json.ts'
import { elementSlices } from '../wire/json-slices.ts'
import { startOf } from '../wire/rows.ts'
import { timeText } from '../wire/time.ts'

/**
 * A frame of Bybit's public spot WebSocket.
 *
 * @see https://bybit-exchange.github.io/docs/v5/websocket/public/kline
 */
export function parseFrame(frame: string): ParsedFrame {
  const message = parseJson(frame)
  if (!isRecord(message)) return malformed('not a JSON object')
  const { topic } = message
  if (topic === undefined) return parseReply(message)
  if (typeof topic !== 'string') return malformed('topic is not a name')
  const [kind, interval, symbol] = topic.split('.')
  if (kind === 'kline' && interval === '1')
    return isSymbol(symbol) ? parseKlines(frame, message, symbol) : malformed('the symbol is not one')
  const isKnown = /^(kline|tickers|publicTrade|orderbook|lt|allLiquidation|liquidation)$/.test(kind ?? '')
  return isKnown ? { kind: 'ignored' } : malformed('an unknown topic')
}

function parseKlines(frame: string, { data, ts }: JsonRecord, nativeSymbol: string): ParsedFrame {
  if (!Array.isArray(data) || data.length === 0) return malformed('data is not a list of rows', nativeSymbol)
  const eventAt = timeText(ts)
  if (eventAt === undefined) return malformed('ts is not a time', nativeSymbol)
  const slices = elementSlices(frame, startOf(frame, ['data']))
  const rows: CandleRow[] = []
  for (const [i, entry] of (data as readonly unknown[]).entries()) {
    const { start, end } = slices[i] ?? { start: 0, end: 0 }
    const row = rowOf(entry, { nativeSymbol, eventAt, raw: frame.slice(start, end) })
    if (typeof row === 'string') return malformed(row, nativeSymbol)
    rows.push(row)
  }
  return { kind: 'candles', rows }
}

function rowOf(
  entry: unknown,
  frame: { readonly nativeSymbol: string; readonly eventAt: string; readonly raw: string },
): CandleRow | string {
  if (!isRecord(entry)) return 'a row is not an object'
  const { start, end, interval, confirm } = entry
  if (interval !== '1') return 'the interval is not that of its topic'
  if (typeof start !== 'number' || end !== start + MINUTE_MS - 1) return 'end is not the end of its minute'
  if (typeof confirm !== 'boolean') return 'confirm is neither true nor false'
  if (confirm && isTooEarly(Date.parse(frame.eventAt), end)) return 'closed before its end'
  const prices = {
    open: textOf(entry.open) ?? '',
    high: textOf(entry.high) ?? '',
    low: textOf(entry.low) ?? '',
    close: textOf(entry.close) ?? '',
    volume: textOf(entry.volume) ?? '',
    quoteVolume: textOf(entry.turnover) ?? '',
    vwap: undefined,
    tradeCount: undefined,
  }
  return candleOf({ ...frame, startMs: start, isFinal: confirm, prices })
}

/** One per request, for all that it named. */
function parseReply({ op, success, ret_msg: said, req_id: id }: JsonRecord): ParsedFrame {
  const requestId = typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : undefined
  if (op === 'pong' || (op === 'ping' && success === true)) return { kind: 'heartbeat' }
  if (typeof success !== 'boolean') return malformed('an unknown frame')
  if (!success) {
    const symbol = /kline\.1\.(\w+)/.exec(shown(said))?.[1]
    return { kind: 'rejected', requestId, nativeSymbol: symbol, reason: shown(said) }
  }
  return op === 'subscribe'
    ? { kind: 'acknowledged', requestId, nativeSymbol: undefined }
    : { kind: 'ignored' }
}
