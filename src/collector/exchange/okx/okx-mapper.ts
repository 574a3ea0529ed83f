import type { Mapper } from '../mapper.ts'
import { addressWith, batches } from '../wire/frame.ts'
import { parseFrame } from './parse-frame.ts'
import { okxRest } from './rest.ts'

/** Symbols in one request: all of a connection's fit in a few, of 480 that it may send an hour. */
const BATCH = 60

/** OKX spot candles of one minute; `confirm` says which are final, quiet minutes included. */
export const okxMapper: Mapper = {
  exchange: 'okx',
  wsUrl: 'wss://ws.okx.com:8443',
  restUrl: 'https://www.okx.com',
  channel: 'candle1m',
  limits: {
    symbolsPerConnection: 240,
    sendEveryMs: 500,
    connects: { count: 3, perMs: 1000 },
    lifetimeMs: undefined,
    // It hangs up after 30 s without a frame of either side; pongs come every 20 s.
    silenceMs: 45_000,
    quietMs: 120_000,
    pingEveryMs: 20_000,
    acksSymbols: true,
  },
  rules: { doesNextClose: false, doesSilenceProve: false },
  connectUrl: (base) => addressWith(base, '/ws/v5/business'),
  subscribe: (symbols, requestId) => requests('subscribe', symbols, requestId),
  unsubscribe: (symbols, requestId) => requests('unsubscribe', symbols, requestId),
  ping: () => 'ping',
  doesPongTellTime: false,
  parse: parseFrame,
  rest: okxRest,
}

function requests(op: string, symbols: readonly string[], requestId: number): string[] {
  const args = symbols.map((instId) => ({ channel: 'candle1m', instId }))
  return batches(args, BATCH).map((some, i) => JSON.stringify({ id: String(requestId + i), op, args: some }))
}
