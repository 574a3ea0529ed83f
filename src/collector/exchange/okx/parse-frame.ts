import type { CandleRow } from '../../record/index.ts'
import type { ParsedFrame } from '../mapper.ts'
import { candleOf, isSymbol } from '../wire/candle.ts'
import { malformed } from '../wire/frame.ts'
import { isRecord, type JsonRecord, parseJson, shown, textOf } from '../wire/json.ts'
import { elementSlices } from '../wire/json-slices.ts'
import { startOf } from '../wire/rows.ts'

/**
 * A frame of OKX's business WebSocket.
 *
 * @see https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-candlesticks-channel
 */
export function parseFrame(frame: string): ParsedFrame {
  if (frame === 'pong') return { kind: 'heartbeat' }
  const message = parseJson(frame)
  if (!isRecord(message)) return malformed('not a JSON object')
  if ('event' in message) return parseEvent(message)
  const { arg } = message
  if (!isRecord(arg) || typeof arg.channel !== 'string') return malformed('an unknown frame')
  if (arg.channel !== 'candle1m') return otherChannel(arg.channel)
  return isSymbol(arg.instId) ? parseCandles(frame, message, arg.instId) : malformed('the symbol is not one')
}

function otherChannel(channel: string): ParsedFrame {
  return /^(candle\w+|tickers|trades|trades-all|books\w*|bbo-tbt)$/.test(channel)
    ? { kind: 'ignored' }
    : malformed('an unknown channel')
}

function parseCandles(frame: string, { data }: JsonRecord, nativeSymbol: string): ParsedFrame {
  if (!Array.isArray(data) || data.length === 0) return malformed('data is not a list of rows', nativeSymbol)
  const slices = elementSlices(frame, startOf(frame, ['data']))
  const rows: CandleRow[] = []
  for (const [i, entry] of (data as readonly unknown[]).entries()) {
    const { start, end } = slices[i] ?? { start: 0, end: 0 }
    const row = rowOf(entry, nativeSymbol, frame.slice(start, end))
    if (typeof row === 'string') return malformed(row, nativeSymbol)
    rows.push(row)
  }
  return { kind: 'candles', rows }
}

/**
 * Columns, all texts: start ms, open, high, low, close, volume, volume in the base or contract's currency, quote
 * volume, `1` once it is complete. Of a spot pair volume is in base.
 */
export function rowOf(entry: unknown, nativeSymbol: string, raw: string): CandleRow | string {
  if (!Array.isArray(entry) || entry.length < 9) return 'not a candle'
  const [start, open, high, low, close, volume, , quoteVolume, confirm] = entry.map(textOf)
  if (start === undefined || !/^\d{13}$/.test(start)) return 'the start is not a time of a candle'
  if (confirm !== '0' && confirm !== '1') return 'confirm is neither 0 nor 1'
  const prices = {
    open: open ?? '',
    high: high ?? '',
    low: low ?? '',
    close: close ?? '',
    volume: volume ?? '',
    quoteVolume: quoteVolume ?? '',
    vwap: undefined,
    tradeCount: undefined,
  }
  const isFinal = confirm === '1'
  return candleOf({ nativeSymbol, startMs: Number(start), isFinal, prices, eventAt: undefined, raw })
}

function parseEvent({ event, arg, id, msg, code }: JsonRecord): ParsedFrame {
  const symbol = isRecord(arg) ? arg.instId : /instId:([\w-]+)/.exec(shown(msg))?.[1]
  const nativeSymbol = isSymbol(symbol) ? symbol : undefined
  const requestId = typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : undefined
  if (event === 'subscribe') return { kind: 'acknowledged', requestId, nativeSymbol }
  if (event === 'error') {
    const reason = `${shown(msg)} (${shown(code)})`
    // Too many requests: no word about a symbol. It is asked for again, like any that got no answer.
    if (code === '60014') return { kind: 'rejected', requestId: undefined, nativeSymbol: undefined, reason }
    return { kind: 'rejected', requestId, nativeSymbol, reason }
  }
  // Sent before OKX hangs up for a change of its own.
  if (event === 'notice') return { kind: 'shutdown' }
  const isKnown = typeof event === 'string' && /^(unsubscribe|channel-conn-count\w*)$/.test(event)
  return isKnown ? { kind: 'ignored' } : malformed('an unknown event')
}
