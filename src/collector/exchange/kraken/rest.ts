import type { CandleRow } from '../../record/index.ts'
import type { CandleAsk, ListedSymbol, RestAnswer, RestMapper } from '../mapper.ts'
import { candleOf, MINUTE_MS } from '../wire/candle.ts'
import { failed, query } from '../wire/frame.ts'
import { isRecord, textOf, wholeOf } from '../wire/json.ts'
import { readRows } from '../wire/rows.ts'
import { pairKeyOf, resultOf } from './answer.ts'
import { krakenTrades } from './trades.ts'

/**
 * Kraken's REST interface: at most the last 720 minutes, quiet ones flat, the running one last. `since` is
 * exclusive, so it is asked for one minute earlier.
 *
 * @see https://docs.kraken.com/api/docs/rest-api/get-ohlc-data
 */
export const krakenRest: RestMapper = {
  // About one call a second, a few more for a short while.
  budget: { weight: 15, perMs: 15_000 },
  rules: { doesNextClose: false, doesSilenceProve: false },
  reachMinutes: 720,
  candles: ({ nativeSymbol, fromMs }) => ({
    path: `/0/public/OHLC?${query({ pair: nativeSymbol, interval: 1, since: (fromMs - MINUTE_MS) / 1000 })}`,
    weight: 1,
  }),
  parseCandles,
  trades: krakenTrades,
  symbols: () => ({ path: '/0/public/AssetPairs', weight: 1 }),
  parseSymbols,
  time: () => ({ path: '/0/public/Time', weight: 1 }),
  parseTime,
}

function parseCandles(body: string, { nativeSymbol }: CandleAsk): RestAnswer<readonly CandleRow[]> {
  const answer = resultOf(body)
  if (!answer.ok) return answer
  const key = pairKeyOf(answer.value)
  const list = key === undefined ? undefined : answer.value[key]
  if (key === undefined || !Array.isArray(list)) return failed('malformed', 'not the candles of one pair')
  return readRows({ body, path: ['result', key], list, isNewestFirst: false }, (entry, raw) =>
    rowOf(entry, nativeSymbol, raw),
  )
}

/** Columns: time s, open, high, low, close, vwap, volume, trades; vwap before volume, unlike Binance. */
function rowOf(entry: unknown, nativeSymbol: string, raw: string): CandleRow | string {
  if (!Array.isArray(entry) || entry.length < 8) return 'not a candle'
  const [second, open, high, low, close, vwap, volume, count] = entry as unknown[]
  const startS = wholeOf(second)
  if (startS === undefined) return 'the time is not one'
  if (wholeOf(count) === undefined) return 'the count of trades is not one'
  const prices = {
    open: textOf(open) ?? '',
    high: textOf(high) ?? '',
    low: textOf(low) ?? '',
    close: textOf(close) ?? '',
    volume: textOf(volume) ?? '',
    quoteVolume: undefined,
    vwap: vwapOf(vwap),
    tradeCount: String(count),
  }
  return candleOf({ nativeSymbol, startMs: startS * 1000, isFinal: false, prices, eventAt: undefined, raw })
}

/** A minute without trades says "0.0": there is no price. */
function vwapOf(vwap: unknown): string | undefined {
  const text = textOf(vwap) ?? ''
  return /^0+(\.0*)?$/.test(text) ? undefined : text
}

function parseSymbols(body: string): RestAnswer<readonly ListedSymbol[]> {
  const answer = resultOf(body)
  if (!answer.ok) return answer
  const symbols: ListedSymbol[] = []
  for (const [key, pair] of Object.entries(answer.value)) {
    const { altname, wsname, status = 'online' } = isRecord(pair) ? pair : {}
    if (typeof altname !== 'string' || typeof status !== 'string')
      return failed('malformed', `pair ${key} without a name or status`)
    // Pairs of the dark pool have no name on the WebSocket.
    if (typeof wsname !== 'string') continue
    const aliases = [...new Set([altname, key, wsname])]
    symbols.push({ nativeSymbol: v2NameOf(wsname), aliases, isTrading: status !== 'cancel_only', status })
  }
  return { ok: true, value: symbols }
}

const V2_ASSETS: Readonly<Record<string, string>> = { XBT: 'BTC', XDG: 'DOGE' }

/** `wsname` is v1's: v2 refuses `XBT/USD`. */
function v2NameOf(wsname: string): string {
  return wsname
    .split('/')
    .map((asset) => V2_ASSETS[asset] ?? asset)
    .join('/')
}

/** Whole seconds only: too coarse for an offset below one, which pongs of the WebSocket tell. */
function parseTime(body: string): RestAnswer<number> {
  const answer = resultOf(body)
  if (!answer.ok) return answer
  const seconds = wholeOf(answer.value.unixtime)
  return seconds === undefined ? failed('malformed', 'no unixtime') : { ok: true, value: seconds * 1000 }
}
