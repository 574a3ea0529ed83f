import type { Mapper } from '../mapper.ts'
import { addressWith, batches } from '../wire/frame.ts'
import { parseFrame } from './parse-frame.ts'
import { bybitRest } from './rest.ts'

/** Topics in one request on spot. */
const BATCH = 10

/** Bybit spot candles of one minute; `confirm` says which are final, quiet minutes included. */
export const bybitMapper: Mapper = {
  exchange: 'bybit',
  wsUrl: 'wss://stream.bybit.com',
  restUrl: 'https://api.bybit.com',
  channel: 'kline.1',
  limits: {
    symbolsPerConnection: 200,
    sendEveryMs: 500,
    connects: { count: 500, perMs: 300_000 },
    lifetimeMs: undefined,
    // Pongs come every 20 s.
    silenceMs: 45_000,
    quietMs: 120_000,
    pingEveryMs: 20_000,
    acksSymbols: false,
  },
  rules: { doesNextClose: false, doesSilenceProve: false },
  connectUrl: (base) => addressWith(base, '/v5/public/spot'),
  subscribe: (symbols, requestId) => requests('subscribe', symbols, requestId),
  unsubscribe: (symbols, requestId) => requests('unsubscribe', symbols, requestId),
  ping: (requestId) => JSON.stringify({ req_id: String(requestId), op: 'ping' }),
  doesPongTellTime: false,
  parse: parseFrame,
  rest: bybitRest,
}

function requests(op: string, symbols: readonly string[], requestId: number): string[] {
  const topics = symbols.map((symbol) => `kline.1.${symbol}`)
  return batches(topics, BATCH).map((args, i) => JSON.stringify({ req_id: String(requestId + i), op, args }))
}
