import type { Mapper } from '../mapper.ts'
import { addressWith, batches } from '../wire/frame.ts'
import { parseFrame } from './parse-frame.ts'
import { krakenRest } from './rest.ts'

/** Pairs in one request; each is acknowledged or rejected by itself. */
const BATCH = 100

/**
 * Kraken's WebSocket v2, candles of one minute. Updates come with trades only and never say `final`: a later row
 * of the same symbol on the same connection closes the one before, and minutes without a row had no trade.
 */
export const krakenMapper: Mapper = {
  exchange: 'kraken',
  wsUrl: 'wss://ws.kraken.com',
  restUrl: 'https://api.kraken.com',
  channel: 'ohlc',
  limits: {
    symbolsPerConnection: 400,
    sendEveryMs: 250,
    connects: { count: 150, perMs: 600_000 },
    lifetimeMs: undefined,
    // Heartbeats come every second.
    silenceMs: 10_000,
    quietMs: 120_000,
    pingEveryMs: 30_000,
    acksSymbols: true,
  },
  rules: { doesNextClose: true, doesSilenceProve: true },
  connectUrl: (base) => addressWith(base, '/v2'),
  subscribe: (symbols, requestId) => requests('subscribe', symbols, requestId),
  unsubscribe: (symbols, requestId) => requests('unsubscribe', symbols, requestId),
  ping: (requestId) => JSON.stringify({ method: 'ping', req_id: requestId }),
  doesPongTellTime: true,
  parse: parseFrame,
  rest: krakenRest,
}

function requests(
  method: 'subscribe' | 'unsubscribe',
  symbols: readonly string[],
  requestId: number,
): string[] {
  const snapshot = method === 'subscribe' ? { snapshot: true } : {}
  return batches(symbols, BATCH).map((symbol, i) =>
    JSON.stringify({
      method,
      params: { channel: 'ohlc', symbol, interval: 1, ...snapshot },
      req_id: requestId + i,
    }),
  )
}
