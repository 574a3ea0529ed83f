import type { KrakenRequest } from './request.ts'
import { isoMicros } from './rows.ts'

/** When a request came and is answered, by the exchange's clock, ms. */
interface Times {
  readonly inMs: number
  readonly outMs: number
}

/** `success: true` for one symbol. */
export function acknowledge(request: KrakenRequest, symbol: string, times: Times): string {
  const { method, channel, interval, hasSnapshot, eventTrigger } = request
  const isSubscribe = method === 'subscribe'
  const result = {
    channel,
    ...(channel === 'ohlc' && { interval }),
    ...(channel === 'ticker' && isSubscribe && { event_trigger: eventTrigger }),
    ...(isSubscribe && { snapshot: hasSnapshot }),
    symbol,
    ...(channel === 'ohlc' && isSubscribe && { warnings: ['timestamp is deprecated, use interval_begin'] }),
  }
  return JSON.stringify({ method, result, success: true, ...said(times), ...idOf(request) })
}

/** `success: false`, with the reason in front as Kraken has it. */
export function refuse(
  request: Pick<KrakenRequest, 'method' | 'requestId'>,
  { error, symbol }: { readonly error: string; readonly symbol?: string },
  times: Times,
): string {
  const { method } = request
  const about = { ...(symbol !== undefined && { symbol }), ...idOf(request) }
  return JSON.stringify({ error, method, success: false, ...about, ...said(times) })
}

/** The answer to a ping. */
export function pong(request: KrakenRequest, times: Times): string {
  return JSON.stringify({ method: 'pong', ...idOf(request), ...said(times) })
}

/** The first frame of a connection. Its id has more digits than a double holds. */
export function statusFrame(system: string, connectionId: string): string {
  return `{"channel":"status","type":"update","data":[{"version":"2.0.10","system":"${system}","api_version":"v2","connection_id":${connectionId},"upcoming_maintenance":[],"emergency":[]}]}`
}

function said({ inMs, outMs }: Times) {
  return { time_in: isoMicros(inMs), time_out: isoMicros(outMs) }
}

function idOf({ requestId }: Pick<KrakenRequest, 'requestId'>) {
  return requestId === undefined ? {} : { req_id: requestId }
}
