import type { CandleRow } from '../../record/index.ts'
import type { CandleAsk, ListedSymbol, RestAnswer, RestMapper } from '../mapper.ts'
import { candleOf, MINUTE_MS, NOT_ON_MINUTE } from '../wire/candle.ts'
import { failed, query } from '../wire/frame.ts'
import { isRecord, parseJson, shown, textOf, wholeOf } from '../wire/json.ts'
import { readRows } from '../wire/rows.ts'

/** Rows of one answer. */
const PAGE = 1000

/** In what the REST interfaces of Binance global and Binance.US differ. */
export interface BinanceWeights {
  readonly perMinute: number
  readonly klines: number
  readonly exchangeInfo: number
  /** What `exchangeInfo` is asked with; empty: nothing. */
  readonly exchangeInfoQuery: string
}

/**
 * Binance's REST interface. Times are of a candle's open, both ends included; the running candle comes last and
 * nothing marks it.
 *
 * @see https://developers.binance.com/docs/binance-spot-api-docs/rest-api
 */
export function binanceRest(weights: BinanceWeights): RestMapper {
  return {
    budget: { weight: weights.perMinute, perMs: MINUTE_MS },
    rules: { doesNextClose: false, doesSilenceProve: false },
    reachMinutes: undefined,
    candles: ({ nativeSymbol, fromMs, toMs }) => ({
      path: `/api/v3/klines?${query({ symbol: nativeSymbol, interval: '1m', startTime: fromMs, endTime: toMs - 1, limit: PAGE })}`,
      weight: weights.klines,
    }),
    parseCandles,
    symbols: () => ({
      path: `/api/v3/exchangeInfo${weights.exchangeInfoQuery}`,
      weight: weights.exchangeInfo,
    }),
    parseSymbols,
    time: () => ({ path: '/api/v3/time', weight: 1 }),
    parseTime,
    usedWeight: (headers) => {
      const used = headers['x-mbx-used-weight-1m']
      return used !== undefined && /^\d+$/.test(used) ? Number(used) : undefined
    },
  }
}

function parseCandles(body: string, ask: CandleAsk): RestAnswer<readonly CandleRow[]> {
  const answer = parseJson(body)
  if (!Array.isArray(answer)) return faultOf(answer)
  return readRows({ body, path: [], list: answer, isNewestFirst: false }, (kline, raw) =>
    klineOf(kline, ask.nativeSymbol, raw),
  )
}

/**
 * Columns: open time, open, high, low, close, volume, close time, quote volume, trades, …
 *
 * A halt ends a candle early. In 2017 and 2018 the next ones began between minutes, for hours: they are of no minute
 * and are left out.
 *
 * @see https://github.com/binance/binance-public-data/issues/77
 */
function klineOf(kline: unknown, nativeSymbol: string, raw: string): CandleRow | string | undefined {
  if (!Array.isArray(kline) || kline.length < 9) return 'not a kline'
  const [startMs, open, high, low, close, volume, endMs, quoteVolume, count] = kline as unknown[]
  const durationMs = typeof startMs === 'number' && typeof endMs === 'number' ? endMs - startMs : 0
  if (typeof startMs !== 'number' || !(durationMs > 0 && durationMs < MINUTE_MS))
    return 'its close time is not within a minute'
  if (wholeOf(count) === undefined) return 'the count of trades is not one'
  const prices = {
    open: textOf(open) ?? '',
    high: textOf(high) ?? '',
    low: textOf(low) ?? '',
    close: textOf(close) ?? '',
    volume: textOf(volume) ?? '',
    quoteVolume: textOf(quoteVolume) ?? '',
    vwap: undefined,
    tradeCount: String(count),
  }
  const candle = candleOf({ nativeSymbol, startMs, isFinal: false, prices, eventAt: undefined, raw })
  return candle === NOT_ON_MINUTE ? undefined : candle
}

function parseSymbols(body: string): RestAnswer<readonly ListedSymbol[]> {
  const answer = parseJson(body)
  if (!isRecord(answer) || !Array.isArray(answer.symbols)) return faultOf(answer)
  const symbols: ListedSymbol[] = []
  for (const entry of answer.symbols as unknown[]) {
    const { symbol, status } = isRecord(entry) ? entry : {}
    if (typeof symbol !== 'string' || typeof status !== 'string')
      return failed('malformed', 'a symbol without a name or status')
    symbols.push({ nativeSymbol: symbol, aliases: [], isTrading: status === 'TRADING', status })
  }
  return { ok: true, value: symbols }
}

function parseTime(body: string): RestAnswer<number> {
  const answer = parseJson(body)
  const serverMs = isRecord(answer) ? wholeOf(answer.serverTime) : undefined
  return serverMs === undefined ? faultOf(answer) : { ok: true, value: serverMs }
}

/** -1003: too much weight, -1015: too many orders; -1121: invalid symbol; 10xx otherwise: the exchange's own trouble. */
const FAULTS: Readonly<Record<string, 'limited' | 'unknown_symbol' | 'unavailable'>> = {
  '-1003': 'limited',
  '-1015': 'limited',
  '-1034': 'limited',
  '-1121': 'unknown_symbol',
  '-1000': 'unavailable',
  '-1001': 'unavailable',
  '-1006': 'unavailable',
  '-1007': 'unavailable',
  '-1008': 'unavailable',
  '-1016': 'unavailable',
}

function faultOf(answer: unknown): RestAnswer<never> {
  if (!isRecord(answer) || !('code' in answer)) return failed('malformed', 'not what was asked for')
  const code = shown(answer.code)
  return failed(FAULTS[code] ?? 'malformed', `${shown(answer.msg)} (${code})`)
}
