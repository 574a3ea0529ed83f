import type { Mapper } from '../mapper.ts'
import { addressWith, batches } from '../wire/frame.ts'
import { parseFrame } from './parse-frame.ts'
import { type BinanceWeights, binanceRest } from './rest.ts'

/** Names in one SUBSCRIBE. */
const BATCH = 200

/** In what the two Binances differ. */
interface BinanceVenue {
  readonly exchange: string
  readonly wsUrl: string
  readonly restUrl: string
  readonly weights: BinanceWeights
}

/** Binance.US. Its connects have no published limit: Binance's own is kept. */
export const binanceUsMapper = binanceMapper({
  exchange: 'binance_us',
  wsUrl: 'wss://stream.binance.us:9443',
  restUrl: 'https://api.binance.us',
  weights: { perMinute: 1200, klines: 1, exchangeInfo: 10, exchangeInfoQuery: '' },
})

/** Binance. */
export const binanceGlobalMapper = binanceMapper({
  exchange: 'binance',
  wsUrl: 'wss://stream.binance.com:9443',
  restUrl: 'https://api.binance.com',
  weights: {
    perMinute: 6000,
    klines: 2,
    exchangeInfo: 20,
    // Most of a list that grows towards the size we take at most; Binance.US does not know the parameter.
    exchangeInfoQuery: '?showPermissionSets=false',
  },
})

/**
 * Klines of one minute. `x: true` alone makes one final; a symbol that does not exist is acknowledged like any
 * other and stays silent. Incoming frames are limited to 5 a second, ours and pongs together: two leave room.
 */
function binanceMapper({ exchange, wsUrl, restUrl, weights }: BinanceVenue): Mapper {
  return {
    exchange,
    wsUrl,
    restUrl,
    channel: 'kline_1m',
    limits: {
      symbolsPerConnection: 1024,
      sendEveryMs: 500,
      connects: { count: 300, perMs: 300_000 },
      lifetimeMs: 24 * 3_600_000,
      // A quiet symbol alone on its connection is heard of once a minute, when its candle closes.
      silenceMs: 90_000,
      quietMs: 90_000,
      pingEveryMs: undefined,
      acksSymbols: false,
    },
    rules: { doesNextClose: false, doesSilenceProve: false },
    connectUrl: (base) => addressWith(base, '/stream'),
    subscribe: (symbols, requestId) => requests('SUBSCRIBE', symbols, requestId),
    unsubscribe: (symbols, requestId) => requests('UNSUBSCRIBE', symbols, requestId),
    doesPongTellTime: false,
    parse: parseFrame,
    rest: binanceRest(weights),
  }
}

function requests(method: string, symbols: readonly string[], requestId: number): string[] {
  const streams = symbols.map((symbol) => `${symbol.toLowerCase()}@kline_1m`)
  return batches(streams, BATCH).map((params, i) => JSON.stringify({ method, params, id: requestId + i }))
}
